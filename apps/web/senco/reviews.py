"""The term's reviews as a queue, opening them, and an interim review."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import InvalidTransition
from apps.jobs import actions as jobs
from apps.learners import selectors as learners
from apps.reviews import policy, selectors
from apps.reviews.actions import entry, term
from apps.settings import calendar
from apps.settings.models import Setting
from apps.web.guards import Visit, organisation

SHOWN = 300


def setting_of(request: HttpRequest) -> Setting:
    """The setting whose register this person keeps now."""
    visit = cast(Visit, request)
    wanted = visit.actor.organisations(Permission.KEEP_REGISTER)
    return Setting.objects.get(pk=organisation(visit, wanted))


def page(request: HttpRequest) -> HttpResponse:
    """Every open review of the setting, by the day it is due."""
    setting = setting_of(request)
    actor = cast(Visit, request).actor.at(setting.id)
    now = calendar.term_to_open(clock.today(), setting)
    due = selectors.due_reviews(actor, setting.id, SHOWN)
    audit.listed(by=actor, learner_ids=[r.learner_id for r in due], what="reviews due")
    context = {
        "setting": setting,
        "term": now,
        "due": due,
        "progress": selectors.term_progress(actor, setting.id, now),
        "jobs": jobs.to_show(by=actor, setting=setting),
        "today": clock.today(),
    }
    return render(request, "senco/reviews.html", context)


@require_POST
def open_term(request: HttpRequest) -> HttpResponse:
    """Have this term's reviews opened for everyone on the register; safe to repeat."""
    setting = setting_of(request)
    job = term.have_term_opened(by=cast(Visit, request).actor.at(setting.id), setting=setting)
    return redirect("job", job.id)


@require_POST
def interim(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Open an interim review, or go to the one that is open."""
    actor = cast(Visit, request).actor
    policy.check_can_review(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    actor = actor.through(seen.through)
    record = selectors.record(actor, seen)
    if record.open_review:
        return redirect("review", record.open_review.id)
    if record.latest is None:
        raise InvalidTransition("Put the learner on the register first.")
    setting = learners.keeper(learner_id)
    opened = entry.open_interim(by=actor, learner=seen.learner, setting=setting)
    return redirect("review", opened.id)
