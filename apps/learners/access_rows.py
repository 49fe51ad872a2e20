"""Giving and ending learner access: the rows that policies read. Only actions call this."""

from __future__ import annotations

from uuid import UUID

from apps.access.permissions import Right
from apps.common import clock
from apps.learners.models import LearnerAccess

Grantee = LearnerAccess.Grantee

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
