"""What changed, and who read what.

Both tables belong to a database role of their own that nobody can log in as. The application can
add rows through two functions and read; it can change and delete nothing.
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
