"""Whether each support happens: one tap a half term by an adult who gives it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import Invalid, NotVisible
from apps.reviews import checks
from apps.reviews.actions import supports
from apps.reviews.models import SupportCheck
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.presenters import banner


def page(request: HttpRequest) -> HttpResponse:
    """Every support of the learners whom this person teaches or supports, and its last check."""
    actor = cast(Visit, request).actor
    if not actor.may(Permission.CONTRIBUTE):
        raise NotVisible
    given = checks.given_by(actor)
    audit.listed(by=actor, learner_ids=[g.entry.learner_id for g in given], what="support checks")
    context = {"given": given, "to_check": sum(g.to_check for g in given)}
    return render(request, "staff/checks.html", context)


class CheckForm(GovukForm):
    """Whether it happens, and why where it does not happen as planned."""

    answer = forms.ChoiceField(
        label="Is it happening?",
        choices=SupportCheck.Answer.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether it happens."},
    )
    why = forms.CharField(
        label="Why, if not as planned?",
        help_text="For example: the adult who gives it was away for two weeks. The family sees it.",
        max_length=300,
        required=False,
    )


def one(request: HttpRequest, support_id: UUID) -> HttpResponse:
    """One support: a tap of the list comes here, and is asked why where it is not as planned."""
    actor = cast(Visit, request).actor
    support = supports.in_force(by=actor, statement_id=support_id)
    audit.opened(by=actor, learner_id=support.learner_id, what="support check")
    tapped = "why" not in request.POST
    form = CheckForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            supports.check_support(by=actor, statement_id=support_id, **form.cleaned_data)
        except Invalid as error:
            if tapped:
                form = CheckForm(initial={"answer": form.cleaned_data["answer"]})
            else:
                form.add_domain_error(error)
        else:
            messages.success(request, f"Thank you. Noted for {support.learner.known_given}.")
            return redirect(f"{reverse('support-checks')}#of-{support.learner_id}")
    context = {"form": form, "support": support, "banner": banner(support.learner)}
    return render(request, "staff/check.html", context)
