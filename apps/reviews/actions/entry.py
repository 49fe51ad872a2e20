"""Putting a learner on the register: one area, one level, one line of evidence; a minute."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import IntegrityError, transaction

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.framework import selectors as framework
from apps.learners.actions import start_record
from apps.learners.models import Learner
from apps.learners.policy import check_can_hold
from apps.reviews import policy
from apps.reviews.actions.carrying import carry_over
from apps.reviews.actions.drafting import check_values, need_values
from apps.reviews.actions.noticing import end_in_entry
from apps.reviews.actions.signoff import apply_and_sign
from apps.reviews.models import DraftChange, Kind, LearnerRecord, Review, Statement
from apps.settings import calendar
from apps.settings.models import Setting


@dataclass(frozen=True)
class Evidence:
    """What was seen, where, when and by whom: how the need shows itself, not a diagnosis."""

    what: str
    where: str
    when: date
    by: str

    def as_json(self) -> dict[str, str]:
        """The row as a need's details keep it."""
        return {"what": self.what, "where": self.where, "when": str(self.when), "by": self.by}


@transaction.atomic
def put_on_register(
    *,
    by: Actor,
    learner: Learner,
    setting: Setting,
    area: str,
    level: str,
    evidence: Evidence,
    supports: Sequence[str] = (),
    first_due_on: date | None = None,
) -> Review:
    """Match a descriptor and be on the register today; nothing to apply for (report L2477).

    Signs off an *entry* review and opens the *first* one, due after 30 school days or on
    `first_due_on`; what somebody noticed ends in it. `supports` is what helps already, in words: in
    force from now on.
    Raises Refused for another setting than the one that keeps the record, Invalid for a level below
    the framework's threshold or evidence without words, InvalidTransition when the learner is on
    the register already.
    """
    policy.check_can_keep_register(by, setting.id)
    check_can_hold(by, learner.id)
    policy.check_is_keeper(learner.id, setting.id)
    grid = framework.published()
    chosen = grid.level(level)
    if chosen.rank < grid.version.register_rank:
        raise Invalid(
            f"At {chosen.name} a learner's needs are met by what every learner gets, so they are "
            "not put on the register.",
            {"level": "Choose the level whose description matches."},
        )
    if not evidence.what.strip():
        raise Invalid("Say what was seen.", {"what": "Enter one line on what was seen."})
    listed = learner.entries.filter(setting=setting, ends_on=None)
    if listed.exclude(brought_over=True).exists():
        raise InvalidTransition(f"{learner} is on the register already.")
    today = clock.today()
    start_record(by=by, learner=learner, setting=setting, on=today)
    record, _ = LearnerRecord.objects.get_or_create(learner=learner, defaults={"started_on": today})
    term = calendar.term_on(today, setting)
    review = _open(by, record, learner, setting, Review.Kind.ENTRY, term, today)
    values = need_values(grid, area, level, [evidence.as_json()], evidence.what)
    # Somebody who was on the register before has a need in force here, if only *universal*.
    need = Statement.objects.filter(
        record=record, kind=Kind.NEED, area__code=area, withdrawn_no=None
    ).first()
    DraftChange.objects.create(
        review=review,
        learner=learner,
        statement=need,
        change=DraftChange.Change.REPLACE if need else DraftChange.Change.ADD,
        values=values,
        made_at=clock.now(),
        made_by_id=by.person_id,
    )
    DraftChange.objects.bulk_create(
        DraftChange(
            review=review,
            learner=learner,
            change=DraftChange.Change.ADD,
            values=check_values(
                review, {"kind": Kind.SUPPORT.value, "area": area, "text": words, "order": order}
            ),
            made_at=clock.now(),
            made_by_id=by.person_id,
        )
        for order, words in enumerate(supports)
    )
    apply_and_sign(by=by, review=review, grid=grid)
    open_first_at(by=by, learner=learner, setting=setting, due_on=first_due_on)
    end_in_entry(by=by, review=review)
    return review


def open_first_at(
    *, by: Actor, learner: Learner, setting: Setting, due_on: date | None = None
) -> Review:
    """Open the *first*, full review at the setting that holds the record.

    Due after 30 school days, unless a day is given. Called by actions that have asked the policy.
    """
    due = due_on or calendar.after_school_days(
        clock.today(), settings.FIRST_REVIEW_SCHOOL_DAYS, setting
    )
    term = calendar.term_on(due, setting)
    return _open(by, learner.record, learner, setting, Review.Kind.FIRST, term, due)


@transaction.atomic
def open_interim(*, by: Actor, learner: Learner, setting: Setting | None) -> Review:
    """Open an interim review, at any time, at the setting that keeps the record.

    Without a setting it is the local area's that holds the record. Raises Refused for another
    setting, InvalidTransition while a review is open.
    """
    policy.check_can_review(by, learner.id)
    policy.check_is_keeper(learner.id, setting.id if setting else None)
    today = clock.today()
    term = calendar.term_to_open(today, setting)
    return _open(by, learner.record, learner, setting, Review.Kind.INTERIM, term, today)


def _open(
    by: Actor,
    record: LearnerRecord,
    learner: Learner,
    setting: Setting | None,
    kind: str,
    term: calendar.CalendarTerm,
    due_on: date,
) -> Review:
    review = Review(
        record=record,
        learner=learner,
        entry=learner.entries.filter(setting=setting, ends_on=None).first(),
        setting=setting,
        local_area=None if setting else learner.holders.get(ends_on=None).local_area,
        framework=framework.published().version,
        kind=kind,
        year=term.year,
        term=term.term.value,
        due_on=due_on,
        opened_at=clock.now(),
        opened_by_id=by.person_id,
    )
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError:
        raise InvalidTransition(
            "This record has an open review already: write what is new into that one."
        ) from None
    # An entry is signed as it stands; what was begun before waits for the full review.
    if kind != Review.Kind.ENTRY:
        carry_over(learners=[learner.id])
    audit.event(
        by=by,
        action=f"{kind} review opened",
        subject_kind="review",
        subject_id=review.id,
        learner_id=learner.id,
    )
    return review
