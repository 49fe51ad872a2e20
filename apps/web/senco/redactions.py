"""Proposing that words be redacted: from a statement, a contribution, or the record as a whole."""

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
from apps.reviews import selectors as reviews
from apps.rights import policy, redaction, selectors
from apps.rights.models import Redaction
from apps.web.forms import GovukForm
from apps.web.guards import Visit, step_up
from apps.web.presenters import banner


class RedactForm(GovukForm):
    """Which words, on what ground, and what shows that."""

    words = forms.CharField(
        label="Which words must go?",
        help_text="Exactly as they stand in the record. Leave only the words that must go, such as "
        "a name: they are redacted everywhere in this record.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    ground = forms.ChoiceField(
        label="Why does the law say so?",
        choices=Redaction.Ground.choices,
        widget=forms.RadioSelect,
    )
    because = forms.CharField(
        label="What shows that?",
        help_text="For example: the parents asked in writing on 3 March. Kept, so do not write the "
        "words themselves.",
        max_length=500,
    )
    checked = forms.CharField(required=False, widget=forms.HiddenInput)


def redact(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Say which words, see where they stand, and propose it."""
    actor = cast(Visit, request).actor
    policy.check_can_propose(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="redaction")
    record = reviews.record(actor, seen)
    said = {str(s.id): s.text for s in [*record.statements, *reviews.withdrawn(actor, seen)]} | {
        str(c.id): c.going_well or c.harder or c.would_help for c in reviews.voices(actor, seen)
    }
    form = RedactForm(request.POST or None, initial={"words": said.get(request.GET.get("of", ""))})
    places: list[selectors.Place] = []
    if request.method == "POST" and form.is_valid():
        values = dict(form.cleaned_data)
        checked = values.pop("checked")
        try:
            if checked == values["words"]:
                step_up(request)
                redaction.propose(by=actor, learner=seen.learner, **values)
                messages.success(request, "Proposed. A second person now decides.")
                return redirect("decisions")
            places = redaction.check(by=actor, learner=seen.learner, **values)
            form = RedactForm({**request.POST.dict(), "checked": values["words"]})
        except Invalid as error:
            form.add_domain_error(error)
    context = {
        "form": form,
        "places": places,
        "banner": banner(seen.learner),
        "redacted": selectors.redactions_of(actor, learner_id),
    }
    return render(request, "senco/redact.html", context)
