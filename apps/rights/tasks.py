"""The Celery tasks of copies and disposals."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.rights import actions, disposal


@shared_task(name="rights.work")
def work(export_id: str) -> None:
    """Make a copy; twice changes nothing."""
    actions.work(UUID(export_id))


@shared_task(name="rights.sweep")
def sweep() -> None:
    """Go on with copies and disposals that were dropped; forget old copies."""
    actions.sweep()
    disposal.sweep()


@shared_task(name="rights.dispose")
def dispose(disposal_id: str) -> None:
    """Delete a record as two people decided; twice changes nothing."""
    disposal.work(UUID(disposal_id))


@shared_task(name="rights.find_due")
def find_due() -> None:
    """Put what is due for deletion into its holder's queue."""
    disposal.find()
