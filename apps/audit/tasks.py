"""The Celery tasks of the audit."""

from __future__ import annotations

from celery import shared_task

from apps.audit import seals


@shared_task(name="audit.seal")
def seal() -> None:
    """Seal what was added since; safe to run twice at once."""
    seals.seal_waiting()


@shared_task(name="audit.add_months")
def add_months() -> None:
    """Make the coming months' partitions of the logs, before they are needed."""
    seals.add_months()
