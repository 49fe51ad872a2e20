"""Meetings with a family: offering times, noting what they said by phone, and what was agreed."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.formats import calendar_file
from apps.learners import selectors as learners
from apps.reviews import meetings, policy
from apps.reviews.actions import meetings as actions
from apps.reviews.models import Meeting
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.meeting_forms import CallOffForm, DeclineForm, HeldForm, OfferForm, PhoneForm, did
from apps.web.presenters import banner

TITLE = "Meeting about a Learner Record"


def of_learner(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """What was talked about and is to come, and offering times."""
    actor = cast(Visit, request).actor
    policy.check_can_review(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    actor = actor.through(seen.through)
    audit.opened(by=actor, learner_id=learner_id, what="meetings")
    family = meetings.invitable(actor, learner_id)
    form = OfferForm(request.POST or None, family=family)
    if request.method == "POST" and form.is_valid():
        data = {**form.cleaned_data, "invited": [UUID(k) for k in form.cleaned_data["invited"]]}
        try:
            made = actions.offer(by=actor, learner=seen.learner, **data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "The times are offered. Those invited choose on their page.")
            return redirect("meeting", made.id)
    context = {
        "form": form,
        "family": family,
        "keeps": actor.may(Permission.KEEP_REGISTER),
        "meetings": meetings.of_learner(actor, learner_id, family=False),
        "banner": banner(seen.learner),
        "learner": seen.learner,
    }
    return render(request, "senco/meetings.html", context)


def one(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """One meeting, and what comes next."""
    actor = cast(Visit, request).actor
    meeting = meetings.get(actor, meeting_id, family=False)
    policy.check_can_review(actor, meeting.learner_id)
    actor = actor.at(meeting.holder_id)
    audit.opened(by=actor, learner_id=meeting.learner_id, what="meeting")
    sent = {name: request.POST if name in request.POST else None for name in _STEPS}
    planned = timezone.localtime(meeting.starts_at).date() if meeting.starts_at else None
    steps: dict[str, GovukForm] = {
        "choose": PhoneForm(sent["choose"], meeting=meeting),
        "held": HeldForm(sent["held"], initial={"held_on": planned}),
        "decline": DeclineForm(sent["decline"]),
        "call_off": CallOffForm(sent["call_off"]),
    }
    for name, form in steps.items():
        act, said = _STEPS[name]
        if form.is_bound and form.is_valid() and did(form, act, actor, meeting):
            messages.success(request, said)
            return redirect("meeting", meeting.id)
    context = {
        "meeting": meeting,
        "steps": steps,
        "form": next((f for f in steps.values() if f.is_bound), None),
        "invited": meetings.names(meeting.learner_id, meeting.invited),
        "banner": banner(meeting.learner),
        "learner": meeting.learner,
    }
    return render(request, "senco/meeting.html", context)


_STEPS: dict[str, tuple[Callable[..., Meeting], str]] = {
    "choose": (actions.choose_time, "It is booked."),
    "held": (actions.note_held, "Kept. Those invited can read what was agreed."),
    "decline": (actions.decline, "Kept."),
    "call_off": (actions.call_off, "It is called off, and those invited are told."),
}


def calendar(request: HttpRequest, meeting_id: UUID) -> HttpResponse:
    """A file for one's own calendar. It says nothing of anybody: no reading."""
    actor = cast(Visit, request).actor
    meeting = meetings.get(actor, meeting_id, family=False)
    seen = learners.sight(actor, meeting.learner_id)
    if seen.family:
        meeting = meetings.get(actor, meeting_id, family=True)
    if meeting.starts_at is None or not meeting.is_to_come:
        raise NotVisible
    page = reverse("family-meeting" if seen.family else "meeting", args=[meeting.id])
    content = calendar_file.event(
        key=meeting.id,
        starts_at=meeting.starts_at,
        minutes=meeting.minutes,
        made_at=clock.now(),
        title=TITLE,
        link=f"{settings.SERVICE_ADDRESS}{page}",
    )
    response = HttpResponse(content, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="meeting.ics"'
    return response
