"""Reading messages."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from apps.notifications.models import Notification

MOST = 100


def unread(recipients: Iterable[UUID]) -> QuerySet[Notification]:
    """Messages not yet put away, newest first."""
    return Notification.objects.filter(recipient_id__in=list(recipients), read_at=None).order_by(
        "-created_at"
    )


def told_of(person_id: UUID, learner_ids: Iterable[UUID]) -> list[Notification]:
    """What a person was told as family of these learners, put away or not, newest first."""
    rows = Notification.objects.filter(
        recipient_id=person_id, learner_id__in=list(learner_ids), link__startswith="/family/"
    )
    return list(rows.order_by("-created_at", "-id")[:MOST])
