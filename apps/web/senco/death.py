"""When a child has died: closing the record, reading it, and undoing a mistake."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.audit import record as audit
from apps.common.exceptions import Invalid
from apps.learners import selectors as learners
from apps.lives import policy, selectors
from apps.lives.actions import death
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, reader, step_up
from apps.web.presenters import banner


class DeathForm(GovukForm):
    """The day, and who told."""

    died_on = DateField(
        label="Date of death",
        error_messages={"required": "Enter the day, for example 27 3 2026."},
    )
    told_by = forms.CharField(
        label="Who told you, and when?",
        help_text="For example: his mother, by telephone this morning.",
        max_length=500,
        error_messages={"required": "Enter who told you, and when."},
    )


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Say what will happen, and close the record."""
    actor = cast(Visit, request).actor
    policy.check_can_close(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="closing the record")
    form = DeathForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        step_up(request)
        try:
            death.note_death(by=actor, learner_id=learner_id, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            return redirect("record", learner_id)
    context = {
        "form": form,
        "learner": seen.learner,
        "banner": banner(seen.learner, learners.holder_name(actor, learner_id)),
        "involved": selectors.involved(actor, learner_id),
    }
    return render(request, "senco/death.html", context)


class UndoForm(GovukForm):
    """Why a record is opened again."""

    why = forms.CharField(
        label="How do you know that it was a mistake?",
        max_length=500,
        error_messages={"required": "Say how you know that it was a mistake."},
    )


def closed(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Who closed the record and when; a second person undoes it here."""
    actor, seen = reader(request, learner_id)
    closure = policy.get(actor, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="closed record")
    form = UndoForm(request.POST if "why" in request.POST else None)
    if form.is_bound:
        policy.check_can_undo(actor, closure)
    if form.is_bound and form.is_valid():
        step_up(request)
        death.undo(by=actor, learner_id=learner_id, why=form.cleaned_data["why"])
        messages.success(request, "The record is open again, and everything is as it was.")
        return redirect("record", learner_id)
    context = {
        "form": form,
        "closure": closure,
        "learner": seen.learner,
        "banner": banner(seen.learner, learners.holder_name(actor, learner_id)),
        "undoes": policy.can_undo(actor, closure),
        "purpose": actor.purpose,
        "own": closure.closed_by_id == actor.key,
    }
    return render(request, "senco/closed.html", context)


def closed_records(request: HttpRequest) -> HttpResponse:
    """Records of children who have died."""
    actor = cast(Visit, request).actor
    rows = list(selectors.closed_records(actor))
    audit.listed(by=actor, learner_ids=[c.learner_id for c in rows], what="closed records")
    return render(request, "senco/closed_records.html", {"rows": rows})
