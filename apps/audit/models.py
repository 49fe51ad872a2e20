"""What was done, what it changed, who read what; and the chain of seals over all three.

These tables belong to a database role of their own that nobody can log in as. The application can
add rows through a few functions and read; it can change and delete nothing. The three logs are
partitioned by month. How the chain is made and checked: `seals.py`.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.common.models import Row


class Event(Row):
    """Something that was done: by whom, to what, when. Written by actions only."""

    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200)
    role = models.CharField(max_length=40, blank=True)
    organisation_id = models.UUIDField(null=True)
    action = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField(null=True)
    learner_id = models.UUIDField(null=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["learner_id", "-at"], name="event_of_learner")]


class AccessEntry(Row):
    """A reading of a learner's record, or of a list of learners, by any door."""

    class Kind(models.TextChoices):
        """A record opened, or learners listed."""

        OPENED = "opened", "Opened"
        LISTED = "listed", "Listed"

    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=200)
    role = models.CharField(max_length=40, blank=True)
    organisation_id = models.UUIDField(null=True)
    organisation_name = models.CharField(max_length=200, blank=True)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    what = models.CharField(max_length=80)
    purpose = models.CharField(max_length=200, blank=True)
    learner_id = models.UUIDField("the learner, when one record was opened", null=True)
    learner_ids = ArrayField(models.UUIDField())

    class Meta:
        verbose_name_plural = "access entries"
        indexes = [models.Index(fields=["learner_id", "-at"], name="opening_of_learner")]


class Change(Row):
    """What one row of a table was, and became: written by a trigger, whoever made the change.

    Only the columns that changed; a deleted row is kept whole and `new_values` is null. Tables
    that keep their changes say so in a migration (`history.keep`).
    """

    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    actor_kind = models.CharField(max_length=20, blank=True)
    database_role = models.CharField(max_length=63)
    table_name = models.CharField(max_length=63)
    row_id = models.CharField(max_length=63)
    learner_id = models.UUIDField(null=True)
    old_values = models.JSONField()
    new_values = models.JSONField(null=True)

    class Meta:
        indexes = [models.Index(fields=["learner_id", "-at"], name="change_of_learner")]


class Seal(models.Model):
    """The place of a row of a log in the chain: a SHA-256 over the seal before it and its words."""

    class Log(models.TextChoices):
        """The log that the sealed row is in."""

        EVENT = "event", "Event"
        ACCESS = "access", "Access"
        CHANGE = "change", "Change"

    number = models.BigIntegerField(primary_key=True, editable=False)
    log = models.CharField(max_length=6, choices=Log.choices)
    entry_id = models.UUIDField(unique=True)
    sealed_at = models.DateTimeField()
    digest = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.number}"


class Checkpoint(models.Model):
    """How far the chain had come, signed with a key that the database does not have."""

    number = models.BigIntegerField(primary_key=True, editable=False)
    digest = models.BinaryField()
    made_at = models.DateTimeField()
    algorithm = models.CharField(max_length=40, blank=True, db_default="")
    public_key = models.BinaryField()
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"{self.number}"
