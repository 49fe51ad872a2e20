"""The Celery tasks of learners."""

from __future__ import annotations

from celery import shared_task

from apps.access import grants, rls
from apps.learners import unusual
from apps.settings.models import Setting


@shared_task(name="learners.tell_of_unusual_reading")
def tell_of_unusual_reading() -> None:
    """Look at the day's readings setting by setting, each in its own narrow context."""
    for setting in Setting.objects.exclude(status=Setting.Status.CLOSED).iterator():
        with rls.acting(grants.worker(setting.id)) as worker:
            unusual.tell_leads(by=worker, setting_id=setting.id)
