"""A teacher's pages: the learners they teach, and one page on each."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import Invalid, NotVisible
from apps.framework import selectors as framework
from apps.learners import referrals
from apps.learners import selectors as learners
from apps.reviews import asking, checks, papers, selectors
from apps.reviews.actions import voices
from apps.web import first
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.presenters import banner, bars, learner_grid


def classes(request: HttpRequest) -> HttpResponse:
    """The learners on the register whom this person teaches or supports."""
    actor = cast(Visit, request).actor
    if not actor.may(Permission.CONTRIBUTE):
        raise NotVisible
    entries = selectors.taught_by(actor)
    inbox = first.told_on("my-classes", actor)
    shown = [e.learner_id for e in entries] + [m.learner_id for m in inbox if m.learner_id]
    audit.listed(by=actor, learner_ids=shown, what="my classes")
    grid = framework.published()
    rows = [{"entry": e, "bars": bars(grid, e.levels)} for e in entries]
    groups = papers.groups_taught(actor, [e.learner_id for e in entries])
    context = {
        "rows": rows,
        "grid": grid,
        "groups": groups,
        "to_check": checks.to_check(actor, entries).count(),
        "asked": list(asking.questions_to(actor)),
        "inbox": inbox,
    }
    return render(request, "staff/classes.html", context)


def referred(request: HttpRequest) -> HttpResponse:
    """The learners referred to this person, wherever they are deployed, and what for."""
    actor = cast(Visit, request).actor
    if not actor.may(Permission.TAKE_REFERRALS):
        raise NotVisible
    found = referrals.to(actor)
    if found:
        actor = actor.through(found[0].deployment_id)
    inbox = first.told_on("referred", actor)
    shown = [r.learner_id for r in found] + [m.learner_id for m in inbox if m.learner_id]
    audit.listed(by=actor, learner_ids=shown, what="referred to me")
    grid = framework.published()
    entries = selectors.standing(actor, [r.learner_id for r in found])
    rows = []
    for referral in found:
        entry = entries.get(referral.learner_id)
        rows.append({"referral": referral, "bars": bars(grid, entry.levels) if entry else ""})
    places = [p.organisation_name for p in actor.places if p.role.code == "specialist"]
    context = {"rows": rows, "grid": grid, "places": places, "inbox": inbox}
    return render(request, "staff/referred.html", context)


class ViewsForm(GovukForm):
    """A teacher's views: three boxes, none of them compulsory by itself."""

    going_well = forms.CharField(label="What is going well?", widget=forms.Textarea, required=False)
    harder = forms.CharField(label="What is harder?", widget=forms.Textarea, required=False)
    would_help = forms.CharField(label="What would help?", widget=forms.Textarea, required=False)


def profile(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """One page on a learner: what they can do, what helps; and a place to contribute."""
    actor = cast(Visit, request).actor
    seen = learners.sight(actor, learner_id)
    if seen.family:
        return redirect("my-child", learner_id)
    if seen.overseen:
        return redirect("record", learner_id)
    actor = actor.through(seen.through)
    audit.opened(by=actor, learner_id=learner_id, what="profile")
    form = ViewsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            voices.contribute(by=actor, learner=seen.learner, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Thank you. The SENCO has your views.")
            return redirect("profile", learner_id)
    record = selectors.record(actor, seen)
    grid = framework.published()
    context = {
        "form": form,
        "record": record,
        "learner": seen.learner,
        "seen": seen,
        "banner": banner(seen.learner, record.holder_name, record.group),
        "grid": grid,
        "rows": learner_grid(grid, record),
        "referred": actor.may(Permission.TAKE_REFERRALS, actor.organisation_id),
        "teaches": actor.may(Permission.CONTRIBUTE) and not actor.may(Permission.KEEP_REGISTER),
    }
    return render(request, "staff/profile.html", context)
