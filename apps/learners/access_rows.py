"""Giving and ending learner access: the rows that policies read. Only actions call this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.access.permissions import Right
from apps.common import clock
from apps.learners.models import LearnerAccess

Grantee = LearnerAccess.Grantee

# A member of the family; `because_id` is their row among the family.
FAMILY = "family"
# An administrator reads for a day; the database makes the row (`learners.emergency`).
EMERGENCY = "emergency"


def give(
    *,
    learner_id: UUID,
    kind: str,
    grantee_id: UUID,
    right: Right,
    reason: str,
    because_id: UUID | None = None,
) -> None:
    """Give a right from today; the same right for the same reason again changes nothing."""
    today = clock.today()
    rows = LearnerAccess.objects.filter(
        learner_id=learner_id,
        grantee_id=grantee_id,
        reason=reason,
        because_id=because_id,
        ends_on=None,
    )
    if rows.filter(access_right=right).exists():
        return
    rows.update(ends_on=today)
    LearnerAccess.objects.bulk_create(
        [
            LearnerAccess(
                learner_id=learner_id,
                grantee_kind=kind,
                grantee_id=grantee_id,
                access_right=right,
                reason=reason,
                because_id=because_id,
                starts_on=today,
            )
        ]
    )


def end(*, learner_id: UUID, grantee_id: UUID | None = None, reason: str) -> None:
    """End the rights given for this reason, true at once."""
    rows = LearnerAccess.objects.filter(learner_id=learner_id, reason=reason, ends_on=None)
    if grantee_id:
        rows = rows.filter(grantee_id=grantee_id)
    rows.update(ends_on=clock.today())


def pass_on(*, kind: str, before: UUID, after: UUID) -> None:
    """What one grantee has, another has from today: the right itself stays to whom it was given."""
    today = clock.today()
    rows = LearnerAccess.objects.filter(grantee_kind=kind, grantee_id=before, ends_on=None)
    had = list(rows)
    rows.update(ends_on=today)
    LearnerAccess.objects.bulk_create(
        LearnerAccess(
            learner_id=row.learner_id,
            grantee_kind=kind,
            grantee_id=after,
            access_right=row.access_right,
            reason=row.reason,
            because_id=row.because_id,
            starts_on=today,
            knows_where=row.knows_where,
        )
        for row in had
    )


@dataclass(frozen=True)
class Span:
    """A right from a day to the day before another, or for good."""

    right: Right
    starts_on: date
    ends_on: date | None = None


def lay(
    *, learner_id: UUID, user_id: UUID, member_id: UUID, spans: Iterable[Span], knows_where: bool
) -> None:
    """Give a member of the family these rights from today on, and no others.

    Dated in advance, so that what changes on a day changes by itself. What was before today stays.
    """
    today = clock.today()
    wanted = {
        (span.right.value, max(span.starts_on, today), span.ends_on)
        for span in spans
        if span.ends_on is None or span.ends_on > max(span.starts_on, today)
    }
    live = LearnerAccess.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today),
        learner_id=learner_id,
        reason=FAMILY,
        because_id=member_id,
    )
    there = [
        (row.access_right, max(row.starts_on, today), row.ends_on)
        for row in live
        if row.knows_where == knows_where and row.grantee_id == user_id
    ]
    if len(there) == len(live) and set(there) == wanted:
        return
    for row in live:
        row.ends_on = max(today, row.starts_on)
        row.save(update_fields=["ends_on"])
    LearnerAccess.objects.bulk_create(
        LearnerAccess(
            learner_id=learner_id,
            grantee_kind=Grantee.USER,
            grantee_id=user_id,
            access_right=right,
            reason=FAMILY,
            because_id=member_id,
            starts_on=starts_on,
            ends_on=ends_on,
            knows_where=knows_where,
        )
        for right, starts_on, ends_on in sorted(wanted, key=lambda span: span[1])
    )


def family_readers(learner_id: UUID, *, who_know_where: bool = False) -> list[UUID]:
    """The people of the family who may read the record today: for telling them.

    With `who_know_where`, those alone who may be told of places.
    """
    today = clock.today()
    rows: QuerySet[LearnerAccess] = LearnerAccess.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today),
        learner_id=learner_id,
        reason=FAMILY,
        starts_on__lte=today,
    )
    if who_know_where:
        rows = rows.filter(knows_where=True)
    return list(dict.fromkeys(rows.values_list("grantee_id", flat=True)))
