"""The Celery tasks of copies."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.rights import actions


@shared_task(name="rights.work")
def work(export_id: str) -> None:
    """Make a copy; twice changes nothing."""
    actions.work(UUID(export_id))


@shared_task(name="rights.sweep")
def sweep() -> None:
    """Go on with copies that were dropped; forget old ones."""
    actions.sweep()
