"""Who decides from 16 on: what a young person was asked and said, as the setting writes it down."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.common.terms import comes_of_age, decides_from
from apps.learners import deciding, policy
from apps.learners import selectors as learners
from apps.learners.models import Decision, Learner
from apps.web.deciding_forms import WrittenAnswerForm
from apps.web.guards import Visit
from apps.web.presenters import banner


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """The question, every answer, and writing down another on the young person's behalf."""
    actor = cast(Visit, request).actor
    policy.check_can_hold(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    actor = actor.through(seen.through)
    audit.opened(by=actor, learner_id=learner_id, what="who decides")
    family = deciding.adults(actor, learner_id)
    form = WrittenAnswerForm(request.POST or None, family=family)
    if request.method == "POST" and form.is_valid():
        try:
            _keep(actor, seen.learner, form)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "It is written down, as you wrote it for them.")
            return redirect("who-decides", learner_id)
    context = {
        "form": form,
        "family": family,
        "history": deciding.history(actor, learner_id),
        "decides_from": decides_from(seen.learner.date_of_birth),
        "comes_of_age": comes_of_age(seen.learner.date_of_birth),
        "today": clock.today(),
        "learner": seen.learner,
        "banner": banner(seen.learner),
    }
    return render(request, "senco/who_decides.html", context)


def _keep(actor: Actor, learner: Learner, form: WrittenAnswerForm) -> None:
    sent = form.cleaned_data
    if sent["answer"] == Decision.Answer.ASKED:
        deciding.ask(by=actor, learner=learner)
        return
    deciding.answer(
        by=actor,
        learner=learner,
        answer=sent["answer"],
        adults=form.named(),
        capacity=deciding.Capacity(
            assessed_by=sent["assessed_by"],
            assessed_on=sent["assessed_on"],
            assessed_how=sent["assessed_how"],
            review_by=sent["review_by"],
        ),
    )
