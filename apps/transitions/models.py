"""Moves between settings, and the handover of the record that each carries."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common.models import Row
from apps.learners.models import Learner
from apps.reviews.models import Statement
from apps.settings.models import LocalArea, Setting

# The file of a package that says what its documents are.
DOCUMENTS = "documents.json"


class Transition(Row):
    """A learner's move, whose states are those of its handover (`transitions.states`)."""

    class Kind(models.TextChoices):
        """Why the learner moves."""

        PHASE = "phase", "Phase transfer"
        IN_YEAR = "in-year", "In-year move"
        TIME_LIMITED = "time-limited", "Time-limited or trial"
        ADULTHOOD = "adulthood", "Into adulthood"

    class State(models.TextChoices):
        """The life of a handover."""

        EXPECTED = "expected", "Expected"
        NAMED = "named", "Destination named"
        SHARED = "shared", "Shared"
        RECEIVED = "received", "Received"
        SETTLING_IN = "settling in", "Settling in"
        ACCEPTED = "accepted", "Accepted"
        COMPLETED = "completed", "Completed"
        REDIRECTED = "redirected", "Redirected"
        WITHDRAWN = "withdrawn", "Withdrawn"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="transitions")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    state = models.CharField(max_length=11, choices=State.choices, default=State.EXPECTED)
    from_setting = models.ForeignKey(
        Setting, on_delete=models.PROTECT, null=True, related_name="moves_out"
    )
    from_area = models.ForeignKey(
        LocalArea, on_delete=models.PROTECT, null=True, related_name="moves_out"
    )
    to_setting = models.ForeignKey(
        Setting, on_delete=models.PROTECT, null=True, related_name="moves_in"
    )
    starts_on = models.DateField("first day at the destination")
    year_group = models.SmallIntegerField("year group on arrival")
    reason = models.CharField(max_length=200, blank=True)
    end_reason = models.CharField(max_length=300, blank=True)
    redirected_to = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, related_name="redirected_from"
    )
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    shared_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    settling_in_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    completed_at = models.DateTimeField(null=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner"],
                condition=Q(kind="time-limited")
                & ~Q(state__in=["completed", "redirected", "withdrawn"]),
                name="one_open_time_limited_move",
            ),
            models.UniqueConstraint(
                fields=["learner"],
                condition=~Q(kind="time-limited")
                & ~Q(state__in=["completed", "redirected", "withdrawn"]),
                name="one_open_move",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["expected", "withdrawn", "redirected"])
                | Q(to_setting__isnull=False),
                name="destination_from_named_on",
            ),
            models.CheckConstraint(
                condition=Q(from_setting__isnull=False, from_area=None)
                | Q(from_setting=None, from_area__isnull=False),
                name="move_from_setting_or_area",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["redirected", "withdrawn"]) | ~Q(end_reason=""),
                name="ended_move_says_why",
            ),
            models.CheckConstraint(
                condition=Q(state="completed", completed_at__isnull=False)
                | (~Q(state="completed") & Q(completed_at=None)),
                name="completed_has_a_date",
            ),
        ]
        indexes = [
            models.Index(fields=["from_setting", "state"], name="moves_out_by_state"),
            models.Index(fields=["to_setting", "state"], name="moves_in_by_state"),
            models.Index(
                fields=["starts_on"],
                condition=~Q(state__in=["completed", "redirected", "withdrawn"]),
                name="open_moves_by_start",
            ),
        ]


class Package(Row):
    """What was handed over: an immutable snapshot with its digest (RFC 8785, SHA-256).

    `content` maps a file's name to its text; `manifest` lists each with its own SHA-256, and each
    document, whose bytes are in the documents' store. Only a redaction changes them
    (`rights.redaction`), and then a package more follows with what is left. A later package of a
    move says something that the one before it did not: several changes may be in one.
    """

    transition = models.ForeignKey(Transition, on_delete=models.PROTECT, related_name="packages")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT)
    number = models.SmallIntegerField()
    review_number = models.IntegerField()
    content = models.JSONField()
    manifest = models.TextField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    redaction_id = models.UUIDField("the redaction for which it was sent again", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transition", "number"], name="package_number_once"),
            models.UniqueConstraint(
                fields=["transition", "redaction_id"],
                condition=Q(redaction_id__isnull=False),
                name="package_once_a_redaction",
            ),
        ]

    @property
    def documents(self) -> list[dict[str, Any]]:
        """What it says of each document that goes with it (`package.build`)."""
        said: list[dict[str, Any]] = json.loads(self.content.get(DOCUMENTS, "[]"))
        return said


class Delivery(Row):
    """A piece of the handover's work: the row is the queue.

    `holder_id` and `receiver_id` are the organisations for which the worker may act while it does
    this piece, and no others; while it waits, the database keeps the holder that of today.
    """

    class Work(models.TextChoices):
        """What is to be done."""

        PACKAGE = "package", "Build and deliver the package"
        PASS = "pass", "Pass the record on the start date"

    class State(models.TextChoices):
        """The life of the work."""

        QUEUED = "queued", "Waiting"
        CLAIMED = "claimed", "Under way"
        DONE = "done", "Done"
        DEAD = "dead", "Delivery needs help"

    transition = models.ForeignKey(Transition, on_delete=models.PROTECT, related_name="deliveries")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT)
    work = models.CharField(max_length=7, choices=Work.choices)
    review_number = models.IntegerField(default=0)
    change_id = models.UUIDField("the slip or document for which it follows", null=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.QUEUED)
    holder_id = models.UUIDField()
    receiver_id = models.UUIDField()
    not_before = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["transition", "work", "review_number"],
                condition=Q(change_id=None),
                name="delivery_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["queued", "claimed"]),
                name="deliveries_waiting",
            )
        ]


class SettlingIn(Row):
    """A visit, meeting or professional conversation planned to settle the learner in."""

    class Kind(models.TextChoices):
        """What is planned."""

        VISIT = "visit", "Visit"
        MEETING = "meeting", "Meeting with the family"
        DIALOGUE = "dialogue", "Conversation between the settings"
        OTHER = "other", "Something else"

    transition = models.ForeignKey(Transition, on_delete=models.CASCADE, related_name="settling_in")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    on = models.DateField()
    what = models.CharField(max_length=300)
    planned_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")


class DayOne(Row):
    """How the destination will carry out one support from day one."""

    transition = models.ForeignKey(Transition, on_delete=models.CASCADE, related_name="day_one")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT)
    support = models.ForeignKey(Statement, on_delete=models.PROTECT)
    how = models.CharField(max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transition", "support"], name="day_one_once")
        ]


class Query(Row):
    """A question about a move, asked by one setting and answered by the other; it stops nothing."""

    transition = models.ForeignKey(Transition, on_delete=models.CASCADE, related_name="queries")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    asked_for = models.UUIDField("organisation that asks")
    asked_at = models.DateTimeField()
    question = models.TextField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
