"""The Celery tasks of reviews."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from apps.access import grants, rls
from apps.reviews.actions import linked, meetings, supports
from apps.reviews.actions.asking import remind_due
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


@shared_task(name="reviews.remind")
def remind_all() -> None:
    """Remind of views that were asked for and supports that nobody checked, setting by setting."""
    for setting in Setting.objects.exclude(status=Setting.Status.CLOSED).iterator():
        with rls.acting(grants.worker(setting.id)) as worker:
            remind_due(by=worker, setting=setting)
            supports.remind_to_check(by=worker, setting=setting)
        _send_links(setting.id)


@shared_task(name="reviews.send_links")
def send_links(setting_id: str) -> None:
    """Send the links of a setting's questions that have not gone out, each on its own."""
    _send_links(UUID(setting_id))


def _send_links(setting_id: UUID) -> None:
    with rls.acting(grants.worker(setting_id)) as worker:
        waiting = linked.unsent(by=worker)
    for ask_id in waiting:
        with rls.acting(grants.worker(setting_id)) as worker:
            linked.send(by=worker, ask_id=ask_id)


@shared_task(name="reviews.remind_of_meetings")
def remind_of_meetings() -> None:
    """Remind of what is booked for tomorrow; twice changes nothing."""
    meetings.remind()
