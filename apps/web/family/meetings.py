"""A family chooses a time to talk, on a phone; later it reads what was agreed."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.audit import record as audit
from apps.learners import policy as learners
from apps.reviews import meetings
from apps.reviews.actions import meetings as actions
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.meeting_forms import TimeForm, did
from apps.web.presenters import banner


class DeclineForm(GovukForm):
    """None of the times suits."""

    because = forms.CharField(
        label="What would suit you better?",
        help_text="Or say that you would rather not meet. Both are fine.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Enter what would suit you, or that you would rather not."},
    )


def one(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """The times to choose from, what is booked, or what was agreed."""
    actor = cast(Visit, request).actor.as_family()
    meeting = meetings.get(actor, meeting_id, family=True)
    audit.opened(by=actor, learner_id=meeting.learner_id, what="meeting")
    answers = learners.right_of(actor, meeting.learner_id) != "read" and meeting.is_to_come
    sent = request.POST if answers else None
    chosen = {"time": meeting.starts_at.isoformat()} if meeting.starts_at else {}
    choose = TimeForm(sent if sent and "choose" in sent else None, meeting=meeting, initial=chosen)
    decline = DeclineForm(sent if sent and "decline" in sent else None)
    for form, act, said in (
        (choose, actions.choose_time, "It is booked."),
        (decline, actions.decline, "Thank you. The setting reads what you wrote."),
    ):
        if form.is_bound and form.is_valid() and did(form, act, actor, meeting):
            messages.success(request, said)
            return redirect("family-meeting", meeting.id)
    context = {
        "meeting": meeting,
        "answers": answers,
        "choose": choose,
        "decline": decline,
        "form": decline if decline.is_bound else choose,
        "ring": meetings.who_to_ring(meeting.setting_id) if meeting.setting_id else [],
        "banner": banner(meeting.learner),
        "learner": meeting.learner,
    }
    return render(request, "family/meeting.html", context)
