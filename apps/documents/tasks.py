"""The Celery task of documents."""

from __future__ import annotations

from celery import shared_task

from apps.documents import actions


@shared_task(name="documents.sweep")
def sweep() -> None:
    """Delete files that no document has any more."""
    actions.sweep()
