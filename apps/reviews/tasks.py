"""The Celery tasks of reviews."""

from __future__ import annotations

from celery import shared_task

from apps.access import grants, rls
from apps.reviews.actions.term import lapse_ended
from apps.settings.models import Setting


@shared_task(name="reviews.lapse_ended")
def lapse_all() -> None:
    """Lapse reviews whose term is over, setting by setting, each in its own narrow context."""
    for setting in Setting.objects.exclude(status=Setting.Status.CLOSED).iterator():
        with rls.acting(grants.worker(setting.id)) as worker:
            lapse_ended(by=worker, setting=setting)
