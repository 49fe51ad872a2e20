"""A teacher notices an early worry, of any learner of theirs; and what came of it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import Invalid, NotVisible
from apps.learners import selectors as learners
from apps.learners.models import Enrolment
from apps.reviews import noticing, policy
from apps.reviews.actions.noticing import notice as keep
from apps.reviews.models import Noticing
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.presenters import banner

FOUND = 40


class NoticeForm(GovukForm):
    """What is seen, what was tried, whether the family knows."""

    seen = forms.CharField(
        label="What do you see?",
        help_text="What happens, when and where, as you would tell a colleague. No label needed.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter what you see, in your own words."},
    )
    tried = forms.CharField(
        label="What have you tried?",
        help_text="And whether it helped. Nothing yet is an answer too.",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )
    family_knows = forms.ChoiceField(
        label="Does the family know?",
        choices=Noticing.FamilyKnows.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whether the family knows."},
    )


def who(request: HttpRequest) -> HttpResponse:
    """Of whom: the learners whom this person teaches or supports, on the register or not."""
    actor = _staff(request)
    words = request.POST.get("words", "")[:80]
    found: list[Enrolment] = []
    for setting_id in actor.organisations(Permission.CONTRIBUTE):
        found += learners.enrolled_at(actor, setting_id, words)[: FOUND + 1 - len(found)]
    audit.listed(by=actor, learner_ids=[e.learner_id for e in found[:FOUND]], what="my learners")
    context = {
        "found": found[:FOUND],
        "more": len(found) > FOUND,
        "words": words,
        "teaches": actor.may(Permission.CONTRIBUTE),
    }
    return render(request, "staff/notice_who.html", context)


def notice(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Say what you see: the SENCO reads it, and you are told what comes of it."""
    actor = cast(Visit, request).actor
    seen = learners.sight(actor, learner_id)
    if seen.family:
        raise NotVisible
    policy.check_can_notice(actor, learner_id)
    actor = actor.through(seen.through)
    audit.opened(by=actor, learner_id=learner_id, what="notice")
    form = NoticeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            keep(by=actor, learner=seen.learner, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Thank you. The SENCO reads it and tells you what follows.")
            return redirect("noticed")
    context = {"form": form, "banner": banner(seen.learner), "learner": seen.learner}
    return render(request, "staff/notice.html", context)


def noticed(request: HttpRequest) -> HttpResponse:
    """What this person noticed, and what came of it."""
    actor = _staff(request)
    rows = [n for n in noticing.own(actor) if n.voice == Noticing.Voice.STAFF]
    audit.listed(by=actor, learner_ids=[n.learner_id for n in rows], what="noticed")
    context = {"rows": rows, "teaches": actor.may(Permission.CONTRIBUTE)}
    return render(request, "staff/noticed.html", context)


def _staff(request: HttpRequest) -> Actor:
    """Whoever adds to records at a setting; raises NotVisible to others."""
    actor = cast(Visit, request).actor
    if not (actor.may(Permission.CONTRIBUTE) or actor.may(Permission.TAKE_REFERRALS)):
        raise NotVisible
    return actor
