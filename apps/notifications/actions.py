"""Telling people."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection

from apps.common import clock
from apps.common.doorbell import ring
from apps.notifications.models import Notification


def tell(
    *,
    recipients: Iterable[UUID],
    learner_id: UUID | None,
    kind: str,
    text: str,
    link: str,
    key: str,
) -> None:
    """Tell each recipient once, on their pages and as they chose: the same `key` changes nothing.

    The text names no more of the learner than the recipient's own pages do. What leaves by e-mail
    or SMS says less, by `kind` (`apps.post.words`).
    """
    told = [
        Notification(
            recipient_id=recipient,
            learner_id=learner_id,
            kind=kind,
            text=text,
            link=link,
            key=f"{key}:{recipient}",
            created_at=clock.now(),
        )
        for recipient in dict.fromkeys(recipients)
    ]
    Notification.objects.bulk_create(told, ignore_conflicts=True)
    for notification in told:
        ring("post.hand_out", notification.pk)


def take_back(*, recipients: Iterable[UUID], learner_id: UUID) -> None:
    """Take what was told of a learner from recipients who may know nothing of them any more.

    The database asks that the context keeps the learner's record.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT notifications_take_back(%s, %s)", [list(recipients), learner_id])


def mark_read(*, recipients: Iterable[UUID], ids: Iterable[UUID]) -> int:
    """Put away messages of these recipients; how many were."""
    return Notification.objects.filter(
        id__in=list(ids), recipient_id__in=list(recipients), read_at=None
    ).update(read_at=clock.now())
