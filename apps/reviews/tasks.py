"""The Celery tasks of reviews."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import TypeVar
from uuid import UUID

from celery import shared_task

from apps.access import grants, rls
from apps.reviews.actions import linked, meetings, supports
from apps.reviews.actions.asking import remind_due
from apps.reviews.actions.brought_over import lapse_due
from apps.reviews.actions.term import lapse_ended
from apps.settings.models import LocalArea, Setting

log = logging.getLogger("learner_record.reviews")
T = TypeVar("T")


@shared_task(name="reviews.lapse_ended")
def lapse_all() -> None:
    """Lapse reviews whose term is over, and what was brought over and never given a level.

    Setting by setting, each in its own narrow context; then the local areas, which hold the records
    of those who left for no setting.
    """
    for setting in _open_settings():
        _on_its_own(setting.id, lapse_ended, setting=setting)
        _on_its_own(setting.id, lapse_due)
    for area_id in LocalArea.objects.values_list("id", flat=True):
        _on_its_own(area_id, lapse_due)


@shared_task(name="reviews.remind")
def remind_all() -> None:
    """Remind of views that were asked for and supports that nobody checked, setting by setting."""
    for setting in _open_settings():
        _on_its_own(setting.id, remind_due, setting=setting)
        _on_its_own(setting.id, supports.remind_to_check, setting=setting)
        _send_links(setting.id)


@shared_task(name="reviews.send_links")
def send_links(setting_id: str) -> None:
    """Send the links of a setting's questions that have not gone out, each on its own."""
    _send_links(UUID(setting_id))


def _send_links(setting_id: UUID) -> None:
    for ask_id in _on_its_own(setting_id, linked.unsent) or []:
        _on_its_own(setting_id, linked.send, ask_id=ask_id)


def _open_settings() -> Iterator[Setting]:
    return Setting.objects.exclude(status=Setting.Status.CLOSED).iterator()


def _on_its_own(place_id: UUID, act: Callable[..., T], **values: object) -> T | None:
    """Act as the worker of a setting or area; what goes wrong is logged, and starves nothing."""
    try:
        with rls.acting(grants.worker(place_id)) as worker:
            return act(by=worker, **values)
    except Exception:
        log.exception("%s failed at %s.", act.__qualname__, place_id)
        return None


@shared_task(name="reviews.remind_of_meetings")
def remind_of_meetings() -> None:
    """Remind of what is booked for tomorrow; twice changes nothing."""
    meetings.remind()
