"""Staged imports: a file's rows, what each would do, and what it did."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.models import User
from apps.common.models import Row
from apps.learners.models import Learner
from apps.settings.models import Setting


class Import(Row):
    """One file that a person is bringing in for a setting.

    `total` rows are to be done; one that is refused when its turn comes is counted no more.
    `attempts` are those since rows were done.
    """

    class State(models.TextChoices):
        """The life of an import: `imports.states`."""

        STAGED = "staged", "Ready to check"
        BROKEN = "broken", "Cannot be read"
        COMMITTING = "committing", "Being added"
        COMMITTED = "committed", "Added"
        DISCARDED = "discarded", "Put aside"

    class Format(models.TextChoices):
        """What the file is."""

        PUPIL_LIST = "csv", "Pupil list"
        CTF = "ctf", "CTF"
        REGISTER = "reg", "Existing register"

    setting = models.ForeignKey(Setting, on_delete=models.PROTECT)
    file_name = models.CharField(max_length=200)
    format = models.CharField(max_length=3, choices=Format.choices)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State.choices)
    problem = models.TextField(blank=True)
    notes = ArrayField(models.CharField(max_length=200), default=list)
    uploaded_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True)
    uploaded_at = models.DateTimeField()
    committed_at = models.DateTimeField(null=True)
    total = models.IntegerField(default=0)
    done = models.IntegerField(default=0)
    attempts = models.SmallIntegerField(default=0)


class ImportRow(Row):
    """One learner of the file: the values as read, what they would do, every problem."""

    class Outcome(models.TextChoices):
        """What committing this row does. ADDED covers every UPN new to this setting alike."""

        ADD = "add", "Will be added"
        UPDATE = "update", "Will be updated"
        SAME = "same", "No change"
        PROBLEM = "problem", "Needs mending"

    batch = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="rows")
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT)
    number = models.IntegerField("row of the file")
    values = models.JSONField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    changes = ArrayField(models.CharField(max_length=200), default=list)
    problems = models.JSONField(default=list)
    matched_id = models.UUIDField(null=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="import_row_once")]


class IdentifierCheck(Row):
    """Numbers of an import that another setting's learner may hold: a case for the local area.

    Every number that is new here waits, whoever has it: a UPN, a ULN, an NHS number.

    The importing setting sees only that a number is being checked, whatever the case
    (domain.md, lives that do not fit). Settled by the next working day's sweep; a case is looked
    at again each working day, until the number is nobody else's.
    """

    class State(models.TextChoices):
        """What has come of it."""

        WAITING = "waiting", "Being checked"
        CLEAR = "clear", "The number is this learner's"
        MOVE_PROPOSED = "move proposed", "A move was proposed"
        WITH_AREA = "with area", "The local area is looking into it"
        GONE = "gone", "The learner is with nobody now"

    setting = models.ForeignKey(Setting, on_delete=models.PROTECT)
    learner = models.ForeignKey(Learner, on_delete=models.CASCADE)
    upn = models.CharField("UPN", max_length=13, blank=True)
    other_numbers = models.JSONField("field of a learner → ULN or NHS number", default=dict)
    former_upns = ArrayField(models.CharField(max_length=13), default=list)
    state = models.CharField(max_length=13, choices=State.choices, default=State.WAITING)
    show_from = models.DateField("the day it is looked at, and the result is shown")
    opened_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
