"""A SENCO's home: what needs me today, most urgent first."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.jobs import actions as jobs
from apps.learners.due import family_tasks
from apps.reviews import answers, checks, look_again, noticing, selectors
from apps.rights import selectors as rights
from apps.settings import calendar
from apps.settings.models import Setting
from apps.transitions import selectors as moves
from apps.web import first
from apps.web.guards import Visit, organisation

SUPPORTS = 4
TASKS = 8


def page(request: Visit) -> HttpResponse:
    """Reviews due, views that came in, moves, and how far the term is."""
    setting_id = organisation(request, request.actor.organisations(Permission.KEEP_REGISTER))
    actor = request.actor.at(setting_id)
    setting = Setting.objects.get(pk=setting_id)
    today = clock.today()
    term = calendar.term_on(today, setting)
    due = selectors.due_reviews(actor, setting_id)
    late = [(m, moves.lateness(m, today)) for m in moves.moves_out(actor, setting_id)]
    incoming = [(m, moves.lateness(m, today)) for m in moves.moves_in(actor, setting_id)]
    not_happening = checks.not_happening(actor, setting)
    messages = first.told_on("home", actor, [setting_id])
    tasks = family_tasks(actor, setting_id)
    families = [t for t in tasks if t.kind != "ask"][:TASKS]
    ask = [t for t in tasks if t.kind == "ask"]
    shown = {r.learner_id for r in due} | {t.learner.id for t in [*families, *ask[:TASKS]]}
    shown |= {m.learner_id for m, _ in late + incoming}
    shown |= {check.learner_id for check in not_happening}
    waiting = rights.decisions_for(actor)
    unanswered = answers.waiting(actor, setting_id)
    shown |= {a.learner_id for a in unanswered}
    noticed = list(noticing.waiting(actor, setting_id)[: TASKS + 1])
    left = list(look_again.left_before(actor, setting_id, term)[:TASKS])
    shown |= {n.learner_id for n in noticed} | {entry.learner_id for entry in left}
    shown |= {m.learner_id for m in messages if m.learner_id} | {d.learner_id for d in waiting}
    audit.listed(by=actor, learner_ids=shown, what="home")
    context = {
        "setting": setting,
        "term": term,
        "progress": selectors.term_progress(actor, setting_id, term),
        "jobs": jobs.to_show(by=actor, setting=setting),
        "due": due,
        "moves_out": [(m, why) for m, why in late if why],
        "moves_in": incoming,
        "families": families,
        "ask": ask[:TASKS],
        "to_ask": len(ask),
        "not_happening": not_happening[:SUPPORTS],
        "more_not_happening": not_happening[SUPPORTS:],
        "noticed": noticed[:TASKS],
        "more_noticed": len(noticed) > TASKS,
        "left": left,
        "inbox": messages,
        "waiting": waiting,
        "unanswered": unanswered,
        "today": today,
        "places": [p for p in request.actor.places if p.organisation_id != setting_id],
    }
    return render(request, "senco/home.html", context)
