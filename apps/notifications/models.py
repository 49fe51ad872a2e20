"""What a person or the people of an organisation are told; shown on their pages."""

from __future__ import annotations

from django.db import models

from apps.common.models import Row


class Notification(Row):
    """One message to a user or to those who do the work of a setting or local area.

    `recipient_id` is the user's, setting's or local area's key. `key` makes telling twice harmless.
    """

    recipient_id = models.UUIDField()
    learner_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=300)
    link = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=200, unique=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    handed_out_at = models.DateTimeField("queued for e-mail and SMS (`apps.post`)", null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["recipient_id", "-created_at"],
                condition=models.Q(read_at=None),
                name="unread_of_recipient",
            ),
            models.Index(
                fields=["created_at"],
                condition=models.Q(handed_out_at=None),
                name="told_and_not_handed_out",
            ),
        ]
