"""A real worker does long work; killed midway, the rest is still done, and nothing twice."""

from __future__ import annotations

import os
import signal

from django.db import transaction

from apps.access import grants, rls
from apps.accounts.models import User
from apps.audit.models import Event
from apps.common import clock, doorbell
from apps.framework import selectors as framework
from apps.jobs import actions
from apps.jobs.models import Job
from apps.reviews.actions import term
from apps.reviews.models import LearnerRecord, Review
from apps.settings.models import Setting
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner
from tests.support.processes import celery_worker, wait_until

LISTED = actions.AT_A_TIME + 3


def job() -> Job:
    with rls.acting(grants.worker()):
        return Job.objects.get()


def opened(school: Setting) -> int:
    with as_owner():
        return Review.objects.filter(setting=school, state="open", kind="termly").count()


def in_the_way(record: LearnerRecord, school: Setting, by: User) -> None:
    """An open review that is not committed: whoever opens one for this record waits."""
    Review.objects.create(
        record=record,
        learner_id=record.learner_id,
        setting=school,
        framework=framework.published().version,
        kind="interim",
        year=2020,
        term="autumn",
        opened_at=clock.now(),
        opened_by=by,
    )


def test_killed_midway_it_is_finished_once(fresh_database: str) -> None:
    with transaction.atomic():
        school = make.setting()
        senco = make.staff("senco", school)
        for _ in range(LISTED):
            records.signed_briefly(senco, make.learner(school), school)
        records.days_pass(130)
    with transaction.atomic():
        key = term.have_term_opened(by=make.acting_as(senco), setting=school).id
    # The ring is lost: a worker starts with an empty queue.
    with celery_worker(LEARNER_RECORD_TEST_DATABASE=fresh_database) as child, transaction.atomic():
        with as_owner():
            in_the_way(LearnerRecord.objects.order_by("id").last(), school, senco)
            doorbell._send("jobs.work", key)
            wait_until(lambda: Job.objects.get().done == actions.AT_A_TIME, what="the first part")
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        transaction.set_rollback(True)
    assert (job().done, opened(school)) == (actions.AT_A_TIME, actions.AT_A_TIME)
    with celery_worker(LEARNER_RECORD_TEST_DATABASE=fresh_database):

        def swept_and_ended() -> bool:
            actions.sweep()
            return bool(job().ended_at)

        wait_until(swept_and_ended, what="the rest")
    assert (job().done, job().came, job().problem) == (LISTED, LISTED, "")
    assert opened(school) == LISTED
    with as_owner():
        entries = Event.objects.filter(action="term's reviews opened")
        assert sum(entry.detail["opened"] for entry in entries) == LISTED
