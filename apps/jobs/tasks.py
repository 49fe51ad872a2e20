"""The Celery tasks of long work."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.jobs import actions


@shared_task(name="jobs.work")
def work(job_id: str) -> None:
    """Do what is left of a job; twice changes nothing."""
    actions.work(UUID(job_id))


@shared_task(name="jobs.sweep")
def sweep() -> None:
    """Go on with jobs that were dropped."""
    actions.sweep()
