"""Records that a setting held and passed on: it reads them as they stood, and nothing newer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.learners.models import Learner, RecordHolder
from apps.learners.policy import seen_by
from apps.reviews.models import Review, Statement


@dataclass(frozen=True)
class HeldRecord:
    """A record as its former holder left it."""

    holder: RecordHolder
    review: Review
    statements: list[Statement]

    @property
    def learner(self) -> Learner:
        """Whose record it is."""
        return self.holder.learner


def held_before(actor: Actor) -> list[RecordHolder]:
    """Records that settings of the actor held and passed on, the last passed on first.

    Where the actor may still see the learner, the record itself is there: not listed here.
    """
    asked()
    rows = RecordHolder.objects.filter(
        ~seen_by(actor, "learner_id"),
        setting_id__in=actor.organisations(Permission.SEE_RECORDS),
        ends_on__lte=clock.today(),
    )
    newest: dict[UUID, RecordHolder] = {}
    for row in rows.select_related("learner", "setting").order_by("-ends_on"):
        newest.setdefault(row.learner_id, row)
    return list(newest.values())


def held_record(actor: Actor, learner_id: UUID) -> HeldRecord:
    """The record as it stood when the actor's setting passed it on; raises NotVisible."""
    holder = next((h for h in held_before(actor) if h.learner_id == learner_id), None)
    if holder is None:
        raise NotVisible
    review = (
        Review.objects.filter(learner_id=learner_id, state=Review.State.SIGNED_OFF)
        .filter(Q(setting_id=holder.setting_id) | Q(signed_off_at__date__lt=holder.ends_on))
        .order_by("-number")
        .first()
    )
    if review is None or review.number is None:
        raise NotVisible
    in_force = Statement.objects.filter(
        Q(withdrawn_no=None) | Q(withdrawn_no__gt=review.number),
        learner_id=learner_id,
        introduced_no__lte=review.number,
    )
    statements = in_force.select_related("area", "level").order_by("kind", "order", "id")
    return HeldRecord(holder, review, list(statements))
