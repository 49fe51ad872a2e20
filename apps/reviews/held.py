"""Records that a setting held and passed on: it reads them as they stood, and nothing newer."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.learners.models import RecordHolder
from apps.learners.policy import seen_by
from apps.reviews.models import Review, Statement, as_read


@dataclass(frozen=True)
class HeldRecord:
    """A record as its former holder left it, with the name that it had then."""

    learner_id: UUID
    known_as: str
    born: date
    until: date
    review: Review
    statements: list[Statement]


def held_before(actor: Actor) -> list[HeldRecord]:
    """Records that settings of the actor held and passed on, the last passed on first.

    Each as its last review of that time was signed off; statements come with `held_record`. Where
    the actor may still see the learner, the record itself is there: not listed here.
    """
    return _held_by(actor)


def _held_by(actor: Actor, **narrowed: UUID) -> list[HeldRecord]:
    asked()
    rows = RecordHolder.objects.filter(
        ~seen_by(actor, "learner_id"),
        setting_id__in=actor.organisations(Permission.SEE_REGISTER),
        ends_on__lte=clock.today(),
        **narrowed,
    )
    newest: dict[UUID, RecordHolder] = {}
    for row in rows.order_by("-ends_on"):
        newest.setdefault(row.learner_id, row)
    signed = Review.objects.filter(learner_id__in=newest, state=Review.State.SIGNED_OFF)
    last: dict[UUID, Review] = {}
    for review in signed.defer("canonical").order_by("-number"):
        holder = newest[review.learner_id]
        own = review.setting_id == holder.setting_id
        if own or _signed_on(review) < (holder.ends_on or date.max):
            last.setdefault(review.learner_id, review)
    whole = Review.objects.in_bulk([review.pk for review in last.values()])
    return [_held(row, whole[last[key].pk]) for key, row in newest.items() if key in last]


def held_record(actor: Actor, learner_id: UUID) -> HeldRecord:
    """The record as it stood when the actor's setting passed it on; raises NotVisible."""
    held = _held_by(actor, learner_id=learner_id)
    if not held:
        raise NotVisible
    found = held[0]
    in_force = Statement.objects.filter(
        Q(withdrawn_no=None) | Q(withdrawn_no__gt=found.review.number),
        learner_id=learner_id,
        introduced_no__lte=found.review.number,
    )
    return replace(found, statements=as_read(in_force.select_related("area", "level")))


def _held(holder: RecordHolder, review: Review) -> HeldRecord:
    learner = json.loads(review.canonical)["learner"]
    return HeldRecord(
        learner_id=holder.learner_id,
        known_as=learner["known_as"],
        born=date.fromisoformat(learner["date_of_birth"]),
        until=holder.ends_on or clock.today(),
        review=review,
        statements=[],
    )


def _signed_on(review: Review) -> date:
    return timezone.localtime(review.signed_off_at).date()
