"""The forms about a meeting, a family's and a setting's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django import forms
from django.utils import timezone

from apps.access.grants import Actor
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.learners.models import FamilyMember
from apps.reviews.models import Meeting
from apps.web.forms import DateField, GovukForm, about
from apps.web.presenters import time_of

TIMES = 3


def _a_time(number: int) -> str:
    return about(f"Time {number}", "enter a time, for example 15:30")


class OfferForm(GovukForm):
    """Who is invited, up to three times, and how."""

    invited = forms.MultipleChoiceField(
        label="Who is invited?",
        help_text="Only they see this meeting, and what is agreed.",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose who of the family is invited."},
    )
    how = forms.ChoiceField(
        label="How do you meet?", choices=Meeting.How.choices, widget=forms.RadioSelect
    )
    where = forms.CharField(label="Which room, number or link?", required=False, max_length=200)
    minutes = forms.IntegerField(
        label="How many minutes?",
        min_value=5,
        max_value=240,
        initial=30,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-3", "inputmode": "numeric"}),
    )
    who = forms.CharField(
        label="Who comes besides you?",
        help_text="For example the class teacher.",
        required=False,
        max_length=300,
    )
    interpreter = forms.CharField(
        label="An interpreter, for which language?", required=False, max_length=60
    )

    def __init__(self, *args: Any, family: list[FamilyMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.MultipleChoiceField, self.fields["invited"])
        choice.choices = [(str(m.id), f"{m.name}, {m.get_relation_display()}") for m in family]
        for n in range(1, TIMES + 1):
            first = n == 1
            self.fields[f"day{n}"] = DateField(
                label=f"Day {n}" if first else f"Day {n}, if you offer another",
                required=first,
            )
            self.fields[f"time{n}"] = forms.TimeField(
                label=f"Time {n}",
                required=first,
                input_formats=["%H:%M", "%H.%M"],
                widget=forms.TextInput(attrs={"class": "govuk-input--width-5"}),
                error_messages=dict.fromkeys(("required", "invalid"), _a_time(n)),
            )

        when = [f"{part}{n}" for n in range(1, TIMES + 1) for part in ("day", "time")]
        self.order_fields(["invited", *when])

    def clean(self) -> dict[str, Any]:
        """The days and times as moments; a day without a time says so."""
        data = super().clean() or {}
        times = []
        for n in range(1, TIMES + 1):
            day, time = data.pop(f"day{n}", None), data.pop(f"time{n}", None)
            if day and time:
                times.append(timezone.make_aware(datetime.combine(day, time)))
            elif day and not self.has_error(f"time{n}"):
                self.add_error(f"time{n}", _a_time(n))
            elif time and not self.has_error(f"day{n}"):
                self.add_error(f"day{n}", about(f"Day {n}", "enter a date, for example 27 3 2026"))
        return {**data, "times": times}

    def add_domain_error(self, error: Invalid) -> None:
        """What is wrong with the times stands beside the first day."""
        if "times" in error.fields:
            error.fields["day1"] = error.fields.pop("times")
        super().add_domain_error(error)


class TimeForm(GovukForm):
    """One of the times that were offered."""

    time = forms.ChoiceField(
        label="Which time?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose one of the times."},
    )

    def __init__(self, *args: Any, meeting: Meeting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.ChoiceField, self.fields["time"])
        to_come = [at for at in meeting.times if at > clock.now()]
        choice.choices = [(at.isoformat(), time_of(at)) for at in to_come]

    def clean(self) -> dict[str, Any]:
        """The time as a moment."""
        data = super().clean() or {}
        if chosen := data.pop("time", None):
            data["starts_at"] = datetime.fromisoformat(chosen)
        return data


class PhoneForm(TimeForm):
    """The time that somebody chose by phone."""

    said_by = forms.CharField(label="Who said so?", required=False, max_length=200)


class DeclineForm(GovukForm):
    """None of the times suits."""

    because = forms.CharField(
        label="What did they say?",
        help_text="Why not, or what would suit better.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class HeldForm(GovukForm):
    """When, and what was agreed."""

    held_on = DateField(label="When did you talk?")
    agreed = forms.CharField(
        label="What was agreed?",
        help_text="Those invited read this.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class CallOffForm(GovukForm):
    """Why it is called off."""

    why = forms.CharField(label="Why is it called off?", max_length=500)


def did(form: GovukForm, act: Callable[..., Meeting], actor: Actor, meeting: Meeting) -> bool:
    """Do what a form says; False where the domain refuses, with the reason."""
    try:
        act(by=actor, meeting_id=meeting.id, **form.cleaned_data)
    except Invalid as error:
        form.add_domain_error(error)
        return False
    return True
