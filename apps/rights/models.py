"""Copies of everything about a learner, made on request."""

from __future__ import annotations

from django.db import models

from apps.accounts.models import User
from apps.common.models import Row
from apps.learners.models import Learner


class Export(Row):
    """A copy for whoever asked (UK GDPR, article 15): the row is the worker's queue.

    `content` is the ZIP, forgotten on `expires_on`; that and for whom it was made stay.
    """

    class State(models.TextChoices):
        """From the request to the copy."""

        QUEUED = "queued", "Being made"
        MADE = "made", "Ready"
        FAILED = "failed", "Could not be made"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    holder_id = models.UUIDField("the setting or local area that holds the record and was asked")
    copy_for = models.CharField("who asked", max_length=200)
    identity = models.CharField("how their identity and right were checked", max_length=300)
    # Null where nothing was withheld when the copy was asked for.
    may_know_where = models.BooleanField("may know where the learner is", null=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at"], condition=models.Q(state="queued"), name="exports_due"
            )
        ]
