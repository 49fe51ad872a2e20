"""Reading messages."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from apps.notifications.models import Notification


def unread(recipients: Iterable[UUID]) -> QuerySet[Notification]:
    """Messages not yet put away, newest first."""
    return Notification.objects.filter(recipient_id__in=list(recipients), read_at=None).order_by(
        "-created_at"
    )
