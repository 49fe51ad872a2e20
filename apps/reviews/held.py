"""Records that a setting held and passed on: it reads them as they stood, and nothing newer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import JSONField, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.learners.models import RecordHolder
from apps.learners.policy import seen_by
from apps.reviews.models import Review, Statement, as_read
from apps.reviews.registers import PAGE, go_on_after


@dataclass(frozen=True)
class Held:
    """Whose record a setting held and until when, with the name that they had then."""

    key: UUID
    learner_id: UUID
    known_as: str
    until: date


@dataclass(frozen=True)
class HeldRecord:
    """A record as its former holder left it, with the name that it had then."""

    learner_id: UUID
    known_as: str
    born: date
    until: date
    review: Review
    statements: list[Statement]


def held_before(actor: Actor, after: str = "") -> list[Held]:
    """Whose records settings of the actor held and passed on, the last passed on first.

    One page and one more if there is a next page, in two queries; `after` is the last key of the
    page before. Where the actor may still see the learner, the record itself is there: not here.
    """
    order = ["-ends_on", "id"]
    rows = list(go_on_after(_passed_on(actor), after, order).order_by(*order)[: PAGE + 1])
    signed = Review.objects.filter(pk__in=[row.last_signed for row in rows])
    signed = signed.annotate(said=Cast("canonical", JSONField()))
    names = dict(signed.values_list("pk", KT("said__learner__known_as")))
    return [Held(r.pk, r.learner_id, names[r.last_signed], r.ends_on) for r in rows]


def _passed_on(actor: Actor, **narrowed: UUID) -> QuerySet[Any]:
    """The last time that each record was held, with the last review signed off by its end."""
    asked()
    rows = RecordHolder.objects.filter(
        ~seen_by(actor, "learner_id"),
        setting_id__in=actor.organisations(Permission.SEE_REGISTER),
        ends_on__lte=clock.today(),
        **narrowed,
    )
    newest = rows.order_by("learner_id", "-ends_on").distinct("learner_id")
    signed = Review.objects.filter(
        Q(setting_id=OuterRef("setting_id")) | Q(signed_off_at__date__lt=OuterRef("ends_on")),
        learner_id=OuterRef("learner_id"),
        state=Review.State.SIGNED_OFF,
    ).order_by("-number")
    last = RecordHolder.objects.filter(pk__in=newest.values("pk"))
    return last.annotate(last_signed=Subquery(signed.values("pk")[:1])).exclude(last_signed=None)


def held_record(actor: Actor, learner_id: UUID) -> HeldRecord:
    """The record as it stood when the actor's setting passed it on; raises NotVisible."""
    holder = _passed_on(actor, learner_id=learner_id).first()
    if holder is None:
        raise NotVisible
    review = Review.objects.get(pk=holder.last_signed)
    learner = json.loads(review.canonical)["learner"]
    in_force = Statement.objects.filter(
        Q(withdrawn_no=None) | Q(withdrawn_no__gt=review.number),
        learner_id=learner_id,
        introduced_no__lte=review.number,
    )
    return HeldRecord(
        learner_id=learner_id,
        known_as=learner["known_as"],
        born=date.fromisoformat(learner["date_of_birth"]),
        until=holder.ends_on,
        review=review,
        statements=as_read(in_force.select_related("area", "level")),
    )
