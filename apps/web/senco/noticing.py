"""What teachers and families noticed, and what comes of it: for the SENCO."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.reviews import noticing
from apps.reviews.actions import noticing as actions
from apps.reviews.models import Noticing
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, organisation
from apps.web.presenters import banner


class SupportForm(GovukForm):
    """What the class does, and when it is looked at again."""

    support = forms.CharField(
        label="What does the class do now?",
        help_text="Whoever noticed reads this.",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter what the class does now."},
    )
    look_again_on = DateField(label="When do you look again?")


class CloseForm(GovukForm):
    """Why, and what whoever noticed is told."""

    reason = forms.CharField(
        label="Why does nothing more come of it?",
        help_text="For the setting's own notes.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    answer = forms.CharField(
        label="What do you tell whoever noticed?",
        help_text="It begins with “Thank you for noticing.”",
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def page(request: HttpRequest) -> HttpResponse:
    """Everything noticed at the setting: what waits, most urgent first; what runs; what ended."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.KEEP_REGISTER))
    actor = visit.actor.at(setting_id)
    lists = {
        "waiting": list(noticing.waiting(actor, setting_id)),
        "supported": list(noticing.supported(actor, setting_id)),
        "settled": list(noticing.settled(actor, setting_id)),
    }
    shown = {n.learner_id for rows in lists.values() for n in rows}
    audit.listed(by=actor, learner_ids=shown, what="noticed")
    return render(request, "senco/noticings.html", {**lists, "today": clock.today()})


def one(request: HttpRequest, noticing_id: UUID) -> HttpResponse:
    """What somebody noticed, and the next step: support in class, the register, or closing."""
    actor = cast(Visit, request).actor
    found = noticing.get(actor, noticing_id)
    actor = actor.at(found.setting_id)
    audit.opened(by=actor, learner_id=found.learner_id, what="noticed")
    support = SupportForm(
        request.POST if "support_in_class" in request.POST else None,
        initial={"support": found.support},
    )
    close = CloseForm(request.POST if "close" in request.POST else None)
    for form, act, said in (
        (support, actions.support_in_class, "It is on your home page again on that day."),
        (close, actions.close, "It is closed, and whoever noticed is told."),
    ):
        if form.is_bound and form.is_valid() and _did(form, act, actor, found):
            messages.success(request, said)
            return redirect("noticings")
    context = {
        "noticed": found,
        "support": support,
        "close": close,
        "form": close if close.is_bound else support,
        "listed": found.learner.entries.filter(setting=found.setting, ends_on=None).exists(),
        "banner": banner(found.learner),
        "learner": found.learner,
    }
    return render(request, "senco/noticing.html", context)


def _did(form: GovukForm, act: Callable[..., Noticing], actor: Actor, found: Noticing) -> bool:
    try:
        act(by=actor, noticing_id=found.id, **form.cleaned_data)
    except Invalid as error:
        form.add_domain_error(error)
        return False
    return True
