"""The Celery tasks of handovers: each is a few lines over an action."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.transitions.actions import delivery


@shared_task(name="transitions.work")
def work(delivery_id: str) -> None:
    """Do one delivery; twice changes nothing."""
    delivery.work(UUID(delivery_id))


@shared_task(name="transitions.sweep")
def sweep() -> None:
    """Ring for what is due: rows claimed and dropped, rings lost, start dates that have come."""
    delivery.sweep()
