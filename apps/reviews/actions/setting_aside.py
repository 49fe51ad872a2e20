"""Setting aside a point of the help before sign-off, with a reason, and taking it up again."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, transaction

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.common.text import printable
from apps.reviews.actions.drafting import open_review
from apps.reviews.models import Review, SetAside

LONGEST = 300


@transaction.atomic
def set_aside(*, by: Actor, review_id: UUID, rule: str, subject_id: UUID, reason: str) -> SetAside:
    """Whoever reviews sees this point otherwise, and says why; it holds for this review.

    A second time it is as the first time left it. Raises Invalid without a reason, and as
    `open_review`.
    """
    review = open_review(by=by, review_id=review_id)
    said = printable(reason).strip()
    if not said or len(said) > LONGEST:
        raise Invalid(
            "Nothing was set aside yet.",
            {"reason": f"Say why this is right as it is, in {LONGEST} characters or fewer."},
        )
    aside = SetAside(
        review=review,
        learner_id=review.learner_id,
        rule=SetAside.Rule(rule),
        subject_id=subject_id,
        reason=said,
        set_aside_by_id=by.person_id,
        set_aside_at=clock.now(),
    )
    try:
        with transaction.atomic():
            aside.save(force_insert=True)
    except IntegrityError:
        return SetAside.objects.get(review=review, rule=rule, subject_id=subject_id)
    _note(by, "point set aside before sign-off", review, rule)
    return aside


@transaction.atomic
def take_up_again(*, by: Actor, review_id: UUID, rule: str, subject_id: UUID) -> None:
    """The point is shown again; nothing happens where it was not set aside."""
    review = open_review(by=by, review_id=review_id)
    if SetAside.objects.filter(review=review, rule=rule, subject_id=subject_id).delete()[0]:
        _note(by, "point taken up again before sign-off", review, rule)


def _note(by: Actor, action: str, review: Review, rule: str) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="review",
        subject_id=review.id,
        learner_id=review.learner_id,
        detail={"rule": rule},
    )
