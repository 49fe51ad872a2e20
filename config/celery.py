"""The Celery app and the one beat schedule.

Tasks take ids and are short: each is an action on a row that PostgreSQL keeps.
"""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import worker_init
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("learner_record")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(
    [
        "apps.audit",
        "apps.jobs",
        "apps.learners",
        "apps.post",
        "apps.transitions",
        "apps.reviews",
        "apps.imports",
        "apps.rights",
        "apps.documents",
    ]
)


@worker_init.connect
def _has_its_key(**kwargs: object) -> None:
    """A worker that could not sign the audit's checkpoints does not start."""
    from apps.audit import seals

    try:
        seals.signing_key()
    except ImproperlyConfigured as missing:  # any other error Celery would log, and go on
        raise SystemExit(str(missing)) from None


app.conf.beat_schedule = {
    "the audit's seals": {"task": "audit.seal", "schedule": 5.0},
    "the audit's coming months": {"task": "audit.add_months", "schedule": 86_400.0},
    "deliveries that are due: never rung, dropped, or whose start date has come": {
        "task": "transitions.sweep",
        "schedule": 10.0,
    },
    "copies and disposals that were dropped; copies a month old": {
        "task": "rights.sweep",
        "schedule": 60.0,
    },
    "records whose time has come, proposed to whoever holds them": {
        "task": "rights.find_due",
        "schedule": 86_400.0,
    },
    "messages that are due: never rung, dropped, or whose digest is due": {
        "task": "post.sweep",
        "schedule": 30.0,
    },
    "long work that was dropped": {"task": "jobs.sweep", "schedule": 10.0},
    "imports that were claimed and dropped": {"task": "imports.sweep", "schedule": 30.0},
    "unusual reading, told to the setting's lead": {
        "task": "learners.tell_of_unusual_reading",
        "schedule": 3600.0,
    },
    "files of documents that went": {"task": "documents.sweep", "schedule": 3600.0},
    "views that have not arrived, supports that nobody checked": {
        "task": "reviews.remind",
        "schedule": 3600.0,
    },
    "meetings of tomorrow": {"task": "reviews.remind_of_meetings", "schedule": 900.0},
    "reviews whose term has ended": {"task": "reviews.lapse_ended", "schedule": 3600.0},
}
