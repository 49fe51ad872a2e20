"""A parent or young person says what they notice."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.audit import record as audit
from apps.common.exceptions import Invalid, NotVisible
from apps.learners import selectors as learners
from apps.reviews import policy
from apps.reviews.actions.noticing import notice as keep
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.presenters import banner


class NoticeForm(GovukForm):
    """What is seen, and what was tried at home."""

    seen = forms.CharField(
        label="What do you notice?",
        help_text="What happens, and when. You do not need to know what it is.",
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Enter what you notice, in your own words."},
    )
    tried = forms.CharField(
        label="What have you tried, and did it help?",
        widget=forms.Textarea(attrs={"rows": 3}),
        required=False,
    )


def notice(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Say what you notice: the SENCO reads it, and you are told what comes of it."""
    actor = cast(Visit, request).actor.as_family()
    seen = learners.sight(actor, learner_id)
    if not seen.family:
        raise NotVisible
    policy.check_can_notice(actor, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="notice")
    form = NoticeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            keep(by=actor, learner=seen.learner, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Thank you. The setting reads it and tells you what follows.")
            return redirect("my-child", learner_id)
    context = {
        "form": form,
        "banner": banner(seen.learner),
        "learner": seen.learner,
        "own": policy.is_own(actor, learner_id),
    }
    return render(request, "family/notice.html", context)
