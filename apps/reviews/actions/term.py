"""A term's reviews: opened for a whole setting at once, and lapsed when the term is over."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.framework import selectors as framework
from apps.jobs import actions as jobs
from apps.jobs.models import Job
from apps.learners.models import Enrolment
from apps.register.models import RegisterEntry
from apps.reviews import policy
from apps.reviews.actions.carrying import carry_over
from apps.reviews.models import LearnerRecord, Review
from apps.settings import calendar
from apps.settings.models import Setting

OPENING = "open reviews"


def have_term_opened(*, by: Actor, setting: Setting, only: Collection[UUID] | None = None) -> Job:
    """Have the worker open the term's reviews, as `open_term` does, some at a time.

    Returns the job; the one that runs already, where it does the same. Raises Refused.
    """
    policy.check_can_open_term(by, setting.id)
    if only is None:
        only = list(_listed(setting).order_by("id").values_list("learner_id", flat=True))
    return jobs.start(by=by, setting=setting, kind=OPENING, learner_ids=only)


def _listed(setting: Setting) -> QuerySet[RegisterEntry]:
    """Who is on the setting's register for it to review, with a level."""
    return RegisterEntry.objects.filter(
        setting=setting, ends_on=None, also_here=False, brought_over=False
    )


@transaction.atomic
def open_term(*, by: Actor, setting: Setting, only: Collection[UUID] | None = None) -> int:
    """Open the term's reviews for everyone on the setting's register, or for `only` these of them;
    returns how many. In a holiday the coming term's.

    Safe to repeat. None for a record with a review open, or with one signed off this term; none for
    a learner under half a term on the register (domain.md, Life of a review).
    """
    policy.check_can_open_term(by, setting.id)
    term = calendar.term_to_open(clock.today(), setting)
    half_a_term = (term.ends_on - term.starts_on) / 2
    listed = _listed(setting).filter(starts_on__lte=term.ends_on - half_a_term)
    entries = list(listed if only is None else listed.filter(learner_id__in=only))
    learners = {e.learner_id for e in entries}
    records = {r.learner_id: r for r in LearnerRecord.objects.filter(learner_id__in=learners)}
    busy = set(
        Review.objects.filter(record__in=records.values())
        .filter(
            Q(state=Review.State.OPEN)
            | Q(
                state=Review.State.SIGNED_OFF,
                year=term.year,
                term=term.term.value,
                kind__in=[Review.Kind.TERMLY, Review.Kind.FIRST],
            )
        )
        .values_list("learner_id", flat=True)
    )
    years = _years(setting, learners)
    version = framework.published().version
    reviews = [
        Review(
            record=records[e.learner_id],
            learner_id=e.learner_id,
            entry=e,
            setting=setting,
            framework=version,
            kind=Review.Kind.TERMLY,
            year=term.year,
            term=term.term.value,
            due_on=calendar.review_due_on(term, years.get(e.learner_id, 0)),
            opened_at=clock.now(),
            opened_by_id=by.person_id,
        )
        for e in entries
        if e.learner_id in records and e.learner_id not in busy
    ]
    Review.objects.bulk_create(reviews, batch_size=1000, ignore_conflicts=True)
    carry_over(learners=[r.learner_id for r in reviews])
    audit.event(
        by=by,
        action="term's reviews opened",
        subject_kind="setting",
        subject_id=setting.id,
        detail={"year": term.year, "term": term.term.value, "opened": len(reviews)},
    )
    return len(reviews)


def _years(setting: Setting, learners: Collection[UUID]) -> dict[UUID, int]:
    """The year groups that say when in a term these learners' reviews are due."""
    rows = Enrolment.objects.filter(setting=setting, learner_id__in=learners, ends_on=None)
    return dict(rows.values_list("learner_id", "year_group"))


@transaction.atomic
def lapse_ended(*, by: Actor, setting: Setting) -> int:
    """Lapse the termly reviews whose term is over; their drafts carry into the next.

    An interim one that was open as the term began becomes the term's, unless the term has one.
    Returns how many lapsed. A *first* review stays open until it is signed off.
    """
    term = calendar.term_on(clock.today(), setting)
    termly = Review.objects.filter(
        record_id=OuterRef("record_id"),
        kind=Review.Kind.TERMLY,
        year=term.year,
        term=term.term.value,
    )
    reviews = list(
        Review.objects.select_for_update()
        .filter(
            setting=setting,
            state=Review.State.OPEN,
            kind__in=[Review.Kind.TERMLY, Review.Kind.INTERIM],
            opened_at__date__lt=term.starts_on,
        )
        .annotate(termly_is=Exists(termly.exclude(state=Review.State.LAPSED)))
    )
    years = _years(setting, [r.learner_id for r in reviews])
    lapsed = 0
    for review in reviews:
        if review.kind == Review.Kind.INTERIM and not review.termly_is:
            due_on = calendar.review_due_on(term, years.get(review.learner_id, 0))
            _become_termly(by, review, term, due_on)
        elif (review.year, review.term) != term.key:
            _lapse(by, review)
            lapsed += 1
    return lapsed


def _become_termly(by: Actor, review: Review, term: calendar.CalendarTerm, due_on: date) -> None:
    review.kind = Review.Kind.TERMLY
    review.year, review.term = term.key
    review.due_on = due_on
    review.version += 1
    review.save(update_fields=["kind", "year", "term", "due_on", "version"])
    _note(by, "interim review became the term's", review)


def _lapse(by: Actor, review: Review) -> None:
    review.state = Review.State.LAPSED
    review.version += 1
    review.save(update_fields=["state", "version"])
    _note(by, "review not completed this term", review)


def _note(by: Actor, action: str, review: Review) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="review",
        subject_id=review.id,
        learner_id=review.learner_id,
    )
