"""Still true: looking at what is in force and saying that it is so, with no word typed."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.common import clock
from apps.common.exceptions import InvalidTransition, NotVisible
from apps.reviews.actions.drafting import in_force, open_review
from apps.reviews.models import DraftChange, Kind, Review, Statement, StillTrue


@transaction.atomic
def say_still_true(
    *, by: Actor, review_id: UUID, statement_id: UUID | None = None, kind: str = ""
) -> None:
    """Say that one statement is still so, all of a kind, or with neither all that is in force.

    Safe to repeat. Nobody is late: what is said is of the statement, which nobody rewrites. Raises
    InvalidTransition for a statement that this review changes.
    """
    review = open_review(by=by, review_id=review_id)
    if kind and kind not in Kind.values:
        raise NotVisible
    statement = in_force(review, statement_id) if statement_id else None
    changed = review.changes.filter(statement_id=statement_id) if statement_id else None
    if changed and changed.exclude(change=DraftChange.Change.ORDER).exists():
        raise InvalidTransition("This review changes that statement. Undo the change first.")
    keep(review, by=by, statement=statement, kind=kind)


@transaction.atomic
def take_back(
    *, by: Actor, review_id: UUID, statement_id: UUID | None = None, kind: str = ""
) -> None:
    """Say it no more; what was said of a whole section or of everything is taken back whole."""
    review = open_review(by=by, review_id=review_id)
    statement = in_force(review, statement_id) if statement_id else None
    review.still_true.filter(statement=statement, kind=kind).delete()


def keep(review: Review, *, by: Actor, statement: Statement | None = None, kind: str = "") -> None:
    """Keep that it was said, once a review; the caller has locked it and asked the policy."""
    StillTrue.objects.get_or_create(
        review=review,
        statement=statement,
        kind=kind,
        defaults={"learner_id": review.learner_id, "said_by": by.name, "said_at": clock.now()},
    )
