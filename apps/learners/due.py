"""What of a learner's family waits for a person: an order that ends, access to look at again, the
question who decides. None of it opens or closes anything by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from apps.access.grants import Actor
from apps.common import clock
from apps.common.terms import (
    FIRST_MONTH,
    academic_year_of,
    birthday,
    comes_of_age,
    decides_from,
)
from apps.learners.models import Decision, FamilyMember, Learner, RecordHolder
from apps.learners.policy import seen_by

ORDER_AHEAD = timedelta(days=14)
CAPACITY_AHEAD = timedelta(days=30)
# Born before 1 September so many years before the academic year: in Year 10 or older, by age.
YEAR_10 = 14
OLDEST = 18


@dataclass(frozen=True)
class FamilyTask:
    """One thing to do about a learner's family, and the day that it is about."""

    kind: str  # "ask", "capacity", "order", "suspended"
    learner: Learner
    on: date
    member: FamilyMember | None = None


def family_tasks(actor: Actor, keeper_id: UUID) -> list[FamilyTask]:
    """What waits for those who keep a setting's or local area's records, by day: two queries.

    The question who decides waits here where an adult of the family reads; reviews ask it of all.
    """
    today = clock.today()
    found = [*_of_members(actor, keeper_id, today), *_of_decisions(actor, keeper_id, today)]
    return sorted(found, key=lambda task: (task.on, task.learner.name_key))


def ask_now(learner: Learner) -> bool:
    """Whether a review of this learner is the time to ask who decides."""
    today = clock.today()
    rows = _with_answers(Learner.objects.filter(pk=learner.pk))
    return any(task.kind == "ask" for task in _decision_tasks(rows, today))


def _kept_by(keeper_id: UUID, learner: str = "pk") -> Exists:
    """The condition that this setting or local area holds the record now."""
    rows = RecordHolder.objects.filter(learner_id=OuterRef(learner), ends_on=None)
    return Exists(rows.filter(Q(setting_id=keeper_id) | Q(local_area_id=keeper_id)))


def _of_members(actor: Actor, keeper_id: UUID, today: date) -> list[FamilyTask]:
    rows = FamilyMember.objects.filter(
        seen_by(actor, "learner_id"),
        Q(look_again_on__lte=today) | Q(order_to__lte=today + ORDER_AHEAD),
        _kept_by(keeper_id, "learner_id"),
        learner__closed_because="",
    ).select_related("learner")
    tasks = []
    for member in rows:
        if member.look_again_on and member.look_again_on <= today:
            tasks.append(FamilyTask("suspended", member.learner, member.look_again_on, member))
        elif member.order_to:
            tasks.append(FamilyTask("order", member.learner, member.order_to, member))
    return tasks


def _of_decisions(actor: Actor, keeper_id: UUID, today: date) -> list[FamilyTask]:
    held = Learner.objects.filter(seen_by(actor), _kept_by(keeper_id), closed_because="")
    reading = FamilyMember.objects.filter(learner_id=OuterRef("pk"), may_see=True)
    held = held.filter(Exists(reading.exclude(relation=FamilyMember.Relation.SELF)))
    return _decision_tasks(_with_answers(held), today)


def _with_answers(learners: QuerySet[Learner]) -> QuerySet[Learner]:
    """With the newest answer of each, until when it counts, and when they were asked last."""
    said = Decision.objects.filter(learner_id=OuterRef("pk")).order_by("-said_at", "-id")
    answers = said.exclude(answer=Decision.Answer.ASKED)
    asked = said.filter(answer=Decision.Answer.ASKED)
    return learners.annotate(
        answer=Subquery(answers.values("answer")[:1]),
        review_by=Subquery(answers.values("review_by")[:1]),
        asked_on=Subquery(asked.values("said_on")[:1]),
    )


def _decision_tasks(learners: QuerySet[Learner], today: date) -> list[FamilyTask]:
    year = academic_year_of(today)
    rows = learners.filter(
        Q(
            answer=None,
            date_of_birth__lt=date(year - YEAR_10, FIRST_MONTH, 1),
            date_of_birth__gt=birthday(today, -OLDEST),
        )
        | Q(answer=Decision.Answer.LACKS_CAPACITY, review_by__lte=today + CAPACITY_AHEAD)
    )
    tasks = []
    for learner in rows:
        day = decides_from(learner.date_of_birth)
        review_by: date | None = learner.review_by  # type: ignore[attr-defined]
        asked_on: date | None = learner.asked_on  # type: ignore[attr-defined]
        if review_by:
            tasks.append(FamilyTask("capacity", learner, review_by))
        elif comes_of_age(learner.date_of_birth) > today and (
            today >= day or asked_on is None or academic_year_of(asked_on) < year
        ):
            tasks.append(FamilyTask("ask", learner, day))
    return tasks
