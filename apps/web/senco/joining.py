"""Two records of one child: looking at a pair, joining them, and undoing that."""

from __future__ import annotations

from itertools import groupby
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import Invalid
from apps.lives import policy, selectors
from apps.lives.actions import joining
from apps.lives.duplicates import Pair, may_be_twins
from apps.web.forms import GovukForm
from apps.web.guards import Visit, organisation, posted_key, reader, step_up
from apps.web.presenters import banner


def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs of the setting's learners that a person should look at."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.KEEP_REGISTER))
    actor = visit.actor.at(setting_id)
    context = pairs_shown(actor, selectors.duplicates_at(actor, setting_id))
    return render(request, "senco/duplicates.html", context)


def pairs_shown(actor: Actor, pairs: list[Pair]) -> dict[str, Any]:
    """What the page of pairs shows; who is in it is kept in the log."""
    shown = {learner.id for pair in pairs for learner in (pair.first, pair.second)}
    audit.listed(by=actor, learner_ids=shown, what="possible duplicates")
    return {
        "likely": [pair for pair in pairs if not pair.twins],
        "twins": [pair for pair in pairs if pair.twins],
    }


class JoinForm(GovukForm):
    """Which record goes on, and how the person knows."""

    goes_on = forms.ChoiceField(
        label="Which record goes on?",
        help_text="The other one is read through it from now on.",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose which record goes on."},
    )
    why = forms.CharField(
        label="How do you know that this is one child?",
        max_length=500,
        error_messages={"required": "Say how you know that this is one child."},
    )
    sure = forms.BooleanField(
        label="I have checked that they are not twins, brothers or sisters, or cousins",
        error_messages={"required": "Tick the box once you have checked."},
    )

    def __init__(self, *args: Any, lines: list[selectors.Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ChoiceField, self.fields["goes_on"]).choices = [
            (
                str(line.learner.id),
                f"{line.learner}, {line.place or 'no place'}, {line.learner.upn or 'no UPN'}",
            )
            for line in lines
        ]


def compare(request: HttpRequest, learner_id: UUID, other_id: UUID) -> HttpResponse:
    """Two learners side by side; joined once a person has said that they are one."""
    actor = cast(Visit, request).actor
    policy.check_can_join(actor, learner_id, other_id)
    lines = [selectors.line(actor, key) for key in (learner_id, other_id)]
    audit.listed(by=actor, learner_ids=[learner_id, other_id], what="comparison of two records")
    form = JoinForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid():
        step_up(request)
        kept = UUID(form.cleaned_data["goes_on"])
        joined = other_id if kept == learner_id else learner_id
        try:
            joining.join(by=actor, kept_id=kept, joined_id=joined, why=form.cleaned_data["why"])
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "The two records are one. You can undo this here.")
            return redirect("earlier", kept)
    first, second = (line.learner for line in lines)
    context = {"form": form, "lines": lines, "twins": may_be_twins(first, second)}
    context["keeps"] = policy.keeps(actor, learner_id, other_id)
    context["oversees"] = actor.may(Permission.OVERSEE_AREA)
    return render(request, "senco/join.html", context)


class PartForm(GovukForm):
    """Why a join is undone."""

    why = forms.CharField(
        label="How do you know that they are two children?",
        max_length=500,
        error_messages={"required": "Say how you know that they are two."},
    )


def earlier(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Records that were joined into this one, as they were signed; a join is undone here."""
    actor, seen = reader(request, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="earlier records")
    form = PartForm(request.POST if "closure" in request.POST else None)
    if form.is_bound:
        policy.check_can_part(actor, learner_id)
    if form.is_bound and form.is_valid():
        step_up(request)
        closure_id = posted_key(request, "closure")
        joining.part(by=actor, closure_id=closure_id, why=form.cleaned_data["why"])
        messages.success(request, "They are two records again. What happened since stays here.")
        return redirect("record", learner_id)
    rows = selectors.earlier(actor, learner_id)
    context = {
        "form": form,
        "records": [list(group) for _, group in groupby(rows, key=lambda row: row.closure_id)],
        "parts": not seen.family and policy.parts(actor, learner_id),
        "family": seen.family,
        "purpose": actor.purpose,
        "learner": seen.learner,
        "banner": banner(seen.learner),
    }
    return render(request, "senco/earlier.html", context)
