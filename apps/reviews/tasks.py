"""The Celery tasks of reviews."""

from __future__ import annotations

from celery import shared_task

from apps.access import grants, rls
from apps.reviews.actions import meetings
from apps.reviews.actions.brought_over import lapse_due
from apps.reviews.actions.term import lapse_ended
from apps.settings.models import Setting


@shared_task(name="reviews.lapse_ended")
def lapse_all() -> None:
    """Lapse reviews whose term is over, and what was brought over and never given a level.

    Setting by setting, each in its own narrow context.
    """
    for setting in Setting.objects.exclude(status=Setting.Status.CLOSED).iterator():
        with rls.acting(grants.worker(setting.id)) as worker:
            lapse_ended(by=worker, setting=setting)
            lapse_due(by=worker, setting=setting)


@shared_task(name="reviews.remind_of_meetings")
def remind_of_meetings() -> None:
    """Remind of what is booked for tomorrow; twice changes nothing."""
    meetings.remind()
