"""A slip in what was signed: what it should say, shown beside it from now on."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.audit import record as audit
from apps.common.exceptions import Invalid
from apps.reviews.actions import slips
from apps.reviews.actions.drafting import MAX_TEXT
from apps.reviews.slips import corrected
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.presenters import banner


class SlipForm(GovukForm):
    """What it should say, and what went wrong."""

    should_say = forms.CharField(
        label="It should say", widget=forms.Textarea(attrs={"rows": 3}), max_length=MAX_TEXT
    )
    because = forms.CharField(
        label="What went wrong",
        help_text="For example: two hundred minutes were meant to be twenty.",
        max_length=slips.LONGEST_REASON,
    )


def note(request: HttpRequest, statement_id: UUID) -> HttpResponse:
    """Note a slip in one statement."""
    actor = cast(Visit, request).actor
    statement = slips.statement(actor, statement_id)
    audit.opened(by=actor, learner_id=statement.learner_id, what="slip")
    form = SlipForm(request.POST or None, initial={"should_say": corrected(statement)})
    if request.method == "POST" and form.is_valid():
        try:
            slips.note_slip(by=actor, statement_id=statement_id, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "It stands beside the signed words from now on.")
            return redirect("record", statement.learner_id)
    context = {
        "form": form,
        "statement": statement,
        "banner": banner(statement.learner),
    }
    return render(request, "senco/slip.html", context)
