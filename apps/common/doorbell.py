"""Waking the worker. The broker is a doorbell: if the ring is lost, a sweep finds the row."""

from __future__ import annotations

from uuid import UUID

from celery import current_app
from django.db import transaction


def ring(task: str, row_id: UUID) -> None:
    """Send the task by name with a row's key once this transaction has committed."""
    transaction.on_commit(lambda: _send(task, row_id), robust=True)


def _send(task: str, row_id: UUID) -> None:
    current_app.send_task(task, args=[str(row_id)], retry=False)
