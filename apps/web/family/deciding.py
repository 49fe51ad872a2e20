"""A young person decides who of their family reads their record."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.common.terms import comes_of_age, decides_from
from apps.learners import deciding, policy
from apps.learners import selectors as learners
from apps.web.deciding_forms import OwnAnswerForm
from apps.web.guards import Visit
from apps.web.presenters import banner


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """What it means, who reads now, and answering: to end it all takes one step."""
    actor = cast(Visit, request).actor
    policy.check_is_young_person(actor, learner_id)
    actor = actor.as_family()
    seen = learners.sight(actor, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="who reads my record")
    family = deciding.adults(actor, learner_id)
    answer = deciding.in_force(learner_id)
    form = OwnAnswerForm(request.POST or None, family=family, initial=OwnAnswerForm.said(answer))
    if request.method == "POST" and form.is_valid():
        try:
            deciding.answer(
                by=actor,
                learner=seen.learner,
                answer=form.cleaned_data["answer"],
                adults=form.named(),
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Done. You can change your mind on any day.")
            return redirect("who-reads", learner_id)
    context = {
        "form": form,
        "family": family,
        "answer": answer,
        "decides_from": decides_from(seen.learner.date_of_birth),
        "comes_of_age": comes_of_age(seen.learner.date_of_birth),
        "today": clock.today(),
        "learner": seen.learner,
        "banner": banner(seen.learner),
    }
    return render(request, "family/who_reads.html", context)
