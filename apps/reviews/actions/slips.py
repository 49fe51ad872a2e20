"""Noting a slip: the signed text stays, and what it should say stands beside it."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.common.text import printable
from apps.reviews import policy
from apps.reviews.actions.drafting import MAX_TEXT
from apps.reviews.models import Slip, Statement
from apps.reviews.slips import corrected

LONGEST_REASON = 300


def statement(by: Actor, statement_id: UUID) -> Statement:
    """The statement, for whoever holds the record; raises NotVisible or Refused."""
    found = policy.statements_visible(by, family=False).filter(pk=statement_id)
    row = found.select_related("learner", "area", "level").first()
    if row is None:
        raise NotVisible
    policy.check_can_review(by, row.learner_id)
    return row


@transaction.atomic
def note_slip(*, by: Actor, statement_id: UUID, should_say: str, because: str) -> Slip:
    """Note what a signed statement should say, and how one knows.

    A slip in a slip is corrected by another. Raises Invalid without either, and where nothing is
    corrected.
    """
    row = statement(by, statement_id)
    should_say, because = printable(should_say).strip(), printable(because).strip()
    errors = {}
    if not should_say:
        errors["should_say"] = "Enter what it should say."
    elif should_say == corrected(row):
        errors["should_say"] = "That is what it says. Correct it here, or leave it."
    elif len(should_say) > MAX_TEXT:
        errors["should_say"] = f"Use {MAX_TEXT} characters or fewer."
    if not because or len(because) > LONGEST_REASON:
        errors["because"] = f"Say what went wrong, in {LONGEST_REASON} characters or fewer."
    if errors:
        raise Invalid("Nothing was corrected yet.", errors)
    slip = Slip.objects.create(
        learner_id=row.learner_id,
        statement=row,
        should_say=should_say,
        because=because,
        noted_by=by.name,
        noted_at=clock.now(),
    )
    audit.event(
        by=by,
        action="slip noted",
        subject_kind="statement",
        subject_id=row.id,
        learner_id=row.learner_id,
    )
    return slip
