"""The Celery tasks of imports."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.imports.actions import checking, committing


@shared_task(name="imports.work")
def work(import_id: str) -> None:
    """Do what is left of an import; twice changes nothing."""
    committing.work(UUID(import_id))


@shared_task(name="imports.sweep")
def sweep() -> None:
    """Go on with imports that were dropped, and settle numbers whose day has come."""
    committing.sweep()
    checking.settle_due()
