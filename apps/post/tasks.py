"""The Celery tasks of e-mail and SMS."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.post import actions


@shared_task(name="post.hand_out")
def hand_out(notification_id: str) -> None:
    """Queue a notification for each of its readers; twice changes nothing."""
    actions.hand_out(UUID(notification_id))


@shared_task(name="post.send")
def send(message_id: str) -> None:
    """Send what is due to the person and channel of a message; twice changes nothing."""
    actions.send(UUID(message_id))


@shared_task(name="post.sweep")
def sweep() -> None:
    """Ring for what is due: rings lost, digests whose time has come, rows claimed and dropped."""
    actions.sweep()
