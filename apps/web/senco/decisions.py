"""Decisions that take two people: those that wait, and one of them."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.audit import record as audit
from apps.common.exceptions import Invalid, NotVisible
from apps.lives import policy as lives
from apps.rights import disposal, policy, redaction, selectors
from apps.rights.models import Decision
from apps.web.forms import GovukForm
from apps.web.guards import Visit, step_up
from apps.web.presenters import banner

# What agreeing and declining do, by what is decided.
CARRIED_OUT = {
    Decision.Kind.REDACTION: (redaction.agree, redaction.decline),
    Decision.Kind.DISPOSAL: (disposal.agree, disposal.decline),
}


class DecideForm(GovukForm):
    """Agree, or decline and say why."""

    answer = forms.ChoiceField(
        label="What do you decide?",
        choices=[("agree", "Agree"), ("decline", "Decline")],
        widget=forms.RadioSelect,
    )
    because = forms.CharField(
        label="If you decline, why?", required=False, max_length=500, widget=forms.Textarea
    )


def page(request: HttpRequest) -> HttpResponse:
    """What waits for a second person."""
    actor = cast(Visit, request).actor
    if not policy.decides_at(actor):
        raise NotVisible
    waiting = selectors.decisions_waiting(actor)
    adoptions = lives.adoptions_waiting(actor)
    named = [*(d.learner_id for d in waiting), *(a.learner_id for a in adoptions)]
    audit.listed(by=actor, learner_ids=named, what="decisions")
    context = {
        "adoptions": [a for a in adoptions if a.proposed_by_id != actor.person_id],
        "own_adoptions": [a for a in adoptions if a.proposed_by_id == actor.person_id],
        "mine": [d for d in waiting if d.proposed_by_id == actor.person_id],
        "waiting": [d for d in waiting if d.proposed_by_id != actor.person_id],
    }
    return render(request, "senco/decisions.html", context)


def one(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """What is proposed, by whom and why; the answer of the second person."""
    actor = cast(Visit, request).actor
    decision = selectors.decision(actor, decision_id)
    audit.opened(by=actor, learner_id=decision.learner_id, what="decision")
    form = DecideForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        policy.check_can_decide(actor, decision)
        step_up(request)
        agree, decline = CARRIED_OUT[Decision.Kind(decision.kind)]
        try:
            if form.cleaned_data["answer"] == "agree":
                agree(by=actor, decision_id=decision_id)
            else:
                decline(by=actor, decision_id=decision_id, because=form.cleaned_data["because"])
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"Done: {decision.get_kind_display().lower()}.")
            return redirect("decisions")
    context = {
        "decision": decision,
        "decides": decision.state == Decision.State.WAITING
        and decision.proposed_by_id != actor.person_id,
        "redaction": getattr(decision, "redaction", None),
        "disposal": getattr(decision, "disposal", None),
        "places": selectors.places_of(actor, decision),
        "sentences": selectors.sentences_of(actor, decision),
        "form": form,
        "banner": banner(decision.learner),
    }
    return render(request, "senco/decision.html", context)
