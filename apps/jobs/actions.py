"""Long work: asked for by a person, done by the worker in parts, seen by whoever asked.

Each part is one transaction with the progress that shows it, so a worker that dies loses nothing
and does nothing twice. A part is done as whoever asked, with the roles that they have then: a role
that ended meanwhile stops it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record
from apps.common import clock
from apps.common.doorbell import ring
from apps.common.exceptions import DomainError
from apps.jobs import kinds, policy
from apps.jobs.models import Job
from apps.settings.models import Setting

AT_A_TIME = 25
MOST_ATTEMPTS = 5
KEPT = timedelta(days=30)
WORKED = ("learner_ids", "done", "came", "attempts", "ended_at", "problem")
GAVE_UP = (
    "This could not be finished; what was done stays done. Ask for it again, and if it stops "
    "again, tell whoever runs the service."
)


@transaction.atomic
def start(
    *,
    by: Actor,
    setting: Setting,
    kind: str,
    learner_ids: Iterable[UUID],
    values: dict[str, Any] | None = None,
) -> Job:
    """Have the worker do this for these learners of a setting.

    While a job does the same for the same learners, that one is returned and none is added. Raises
    Refused.
    """
    policy.check_can_start(by, setting.id)
    learners = list(dict.fromkeys(learner_ids))
    asked_for = json.dumps([sorted(map(str, learners)), values or {}], sort_keys=True)
    job, new = Job.objects.get_or_create(
        setting=setting,
        kind=kind,
        key=hashlib.sha256(asked_for.encode()).hexdigest(),
        ended_at=None,
        defaults={
            "asked_by_id": by.key,
            "asked_at": clock.now(),
            "learner_ids": learners,
            "values": values or {},
            "total": len(learners),
        },
    )
    if new:
        ring("jobs.work", job.id)
        record.event(
            by=by,
            action="long work asked for",
            subject_kind="job",
            subject_id=job.id,
            detail={"kind": kind, "learners": job.total},
        )
    return job


def work(job_id: UUID) -> None:
    """Do what is left of a job. Twice changes nothing; after five deaths of a part it ends."""
    if _attempted(job_id):
        while _some(job_id):
            pass


def _attempted(job_id: UUID) -> bool:
    """Whether to go on; counted before the work, so that a part that kills its worker ends."""
    with rls.acting(grants.worker()):
        job = _waiting(job_id)
        if job is None:
            return False
        job.attempts += 1
        if job.attempts > MOST_ATTEMPTS:
            _end(job, GAVE_UP)
        job.save(update_fields=WORKED)
        return job.ended_at is None


def _waiting(job_id: UUID) -> Job | None:
    """The job, locked; None if it ended, or another worker has it."""
    rows = Job.objects.select_for_update(of=("self",), skip_locked=True)
    rows = rows.select_related("setting__local_area", "asked_by")
    return rows.filter(pk=job_id, ended_at=None).first()


def _some(job_id: UUID) -> bool:
    """Do the next part in one transaction; False when the job ended or another worker has it."""
    with rls.acting(grants.worker()) as worker:
        job = _waiting(job_id)
        if job is None:
            return False
        learners = job.learner_ids[job.done : job.done + AT_A_TIME]
        try:
            with rls.in_place_of(worker, _who_asked(job)) as by:
                job.came += kinds.named(job.kind).part(by, job.setting, learners, job.values)
        except DomainError as refused:
            _end(job, f"{job.asked_by} asked for this, and it stopped. {refused}")
        else:
            job.done += len(learners)
            job.attempts = 0
            if job.done == job.total:
                _end(job)
        job.save(update_fields=WORKED)
        return job.ended_at is None


def _who_asked(job: Job) -> Actor:
    """Whoever asked, with the roles that they have now."""
    person = job.asked_by
    if not person.is_active:
        return grants.NOBODY
    found = grants.person(person.id, person.name, clock_may_shift=settings.CLOCK_MAY_SHIFT)
    return found.at(job.setting_id)


def _end(job: Job, problem: str = "") -> None:
    job.ended_at, job.problem, job.learner_ids = clock.now(), problem, []


@transaction.atomic
def to_show(*, by: Actor, setting: Setting) -> list[Job]:
    """The person's jobs that run, and the ends that they have not been shown yet."""
    rows = policy.visible_to(by).filter(setting=setting, asked_by_id=by.person_id, seen_at=None)
    found = list(rows.order_by("-asked_at"))
    for job in found:
        note_seen(by=by, job=job)
    return found


@transaction.atomic
def note_seen(*, by: Actor, job: Job) -> None:
    """Whoever asked is shown the end of it now: no page has to say it any more."""
    if job.ended_at and job.seen_at is None and job.asked_by_id == by.person_id:
        job.seen_at = clock.now()
        job.save(update_fields=["seen_at"])


def sweep() -> None:
    """Ring for jobs that were dropped, and forget those of a month ago."""
    with rls.acting(grants.worker()):
        for job_id in Job.objects.filter(ended_at=None).values_list("pk", flat=True):
            ring("jobs.work", job_id)
        Job.objects.filter(ended_at__lt=clock.now() - KEPT).delete()
