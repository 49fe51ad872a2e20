"""A copy of everything about a learner, for whoever has a right to it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.learners import selectors as learners
from apps.learners import whereabouts
from apps.rights import actions, policy, selectors
from apps.rights.models import Export
from apps.web.forms import GovukForm
from apps.web.guards import Visit, step_up
from apps.web.presenters import banner


class CopyForm(GovukForm):
    """Who asked, and how the setting knows that they may have it."""

    copy_for = forms.CharField(
        label="Who asked?",
        help_text="Their name, and who they are to the learner.",
        max_length=200,
    )
    identity = forms.CharField(
        label="How did you check that it is them, and that they may have it?",
        help_text="For example: known to the setting, has parental responsibility.",
        max_length=300,
    )


class NarrowCopyForm(CopyForm):
    """While it is withheld where the learner is: whether this person may know."""

    may_know_where = forms.TypedChoiceField(
        label="May this person know where the learner is?",
        help_text="It is withheld from part of the family. If not, the copy has strengths, needs "
        "and support that name no place and nobody who works there.",
        choices=[("yes", "Yes"), ("no", "No, or I am not sure")],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether they may know where the learner is."},
    )


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Copies made of this record, and asking for another."""
    actor = cast(Visit, request).actor
    policy.check_can_export(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="copies")
    if request.method == "POST":
        step_up(request)
    withheld = whereabouts.withheld_from_family(actor, learner_id)
    form = (NarrowCopyForm if withheld else CopyForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask(by=actor, learner=seen.learner, holder_id=seen.through, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "The copy is being made. It takes less than a minute.")
            return redirect("copies", learner_id)
    copies = selectors.copies_of(actor, learner_id)
    context = {
        "form": form,
        "copies": copies,
        "waits": any(copy.state == Export.State.QUEUED for copy in copies),
        "today": clock.today(),
        "banner": banner(seen.learner),
    }
    return render(request, "senco/copies.html", context)


@require_POST
def take(request: HttpRequest, export_id: UUID) -> HttpResponse:
    """The copy itself."""
    actor = cast(Visit, request).actor
    export = policy.get(actor, export_id)
    step_up(request)
    content = actions.take_out(by=actor, export=export)
    audit.opened(by=actor, learner_id=export.learner_id, what="copy of everything")
    name = f"learner-record-{export.asked_at:%Y-%m-%d}.zip"
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
