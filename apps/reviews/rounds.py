"""A teacher's class round: whose views are asked for, class by class, with their supports."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, Subquery

from apps.access.grants import Actor
from apps.common import clock
from apps.learners.models import Enrolment, Learner, TeachingGroupMember
from apps.learners.policy import seen_by, worked_with_by
from apps.learners.selectors import Sight
from apps.reviews import policy
from apps.reviews.models import Ask, Kind, Review, Statement, SupportSeen

NO_CLASS = "Without a class"


@dataclass(frozen=True)
class Line:
    """One learner of a round: who they are, whether it is said, and the supports to speak of."""

    learner: Learner
    answered: bool
    supports: list[Statement] = field(default_factory=list)
    late: bool = False  # their review is signed off: what is said now is for the next


@dataclass(frozen=True)
class ClassRound:
    """A class in which views are asked for: "12 of 30", by a day."""

    name: str
    due_on: date
    lines: list[Line]

    @property
    def done(self) -> int:
        """How many are said."""
        return sum(line.answered for line in self.lines)

    @property
    def waiting(self) -> list[Line]:
        """Those that are not said yet, by name."""
        return [line for line in self.lines if not line.answered]


def rounds_of(actor: Actor, *, also: Collection[UUID] = ()) -> list[ClassRound]:
    """The classes in which this teacher's views are asked for in open reviews, by name.

    A class is a teaching group of theirs, or the class that the learner's setting says. `also` are
    learners of whom the teacher says something: a line too for each that they were ever asked of,
    whatever became of the question while they wrote.
    """
    asked_now = Q(review__state=Review.State.OPEN) & ~Q(state=Ask.State.WITHDRAWN)
    place = Enrolment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=clock.today()), learner_id=OuterRef("learner_id")
    )
    rows = (
        policy.asks_visible(actor)
        .filter(asked_now | Q(learner_id__in=also), user_id=actor.key)
        .select_related("learner")
        .annotate(
            class_name=Subquery(place.order_by("kind").values("class_name")[:1]),
            review_state=F("review__state"),
        )
        .order_by("learner__name_key", "learner_id", "id")
    )
    asks = list({ask.learner_id: ask for ask in rows}.values())  # the last of each learner
    mine = _my_groups(actor, [ask.learner_id for ask in asks])
    supports = _supports(
        actor, [a.learner_id for a in asks if a.state == Ask.State.ASKED or a.learner_id in also]
    )
    classes: dict[str, list[Any]] = {}
    for ask in asks:
        name = mine.get(ask.learner_id) or ask.class_name or NO_CLASS
        classes.setdefault(name, []).append(ask)
    return [
        ClassRound(
            name,
            min(ask.due_on for ask in asked),
            [
                Line(
                    a.learner,
                    a.state == Ask.State.ANSWERED,
                    supports.get(a.learner_id, []),
                    late=a.review_state != Review.State.OPEN,
                )
                for a in asked
            ],
        )
        for name, asked in sorted(classes.items())
    ]


def _my_groups(actor: Actor, learner_ids: list[UUID]) -> dict[UUID, str]:
    groups = [g for place in actor.places for g in place.group_ids]
    rows = TeachingGroupMember.objects.filter(
        seen_by(actor, "learner_id"), group_id__in=groups, learner_id__in=learner_ids
    )
    return dict(rows.order_by("-group__name").values_list("learner_id", "group__name"))


def _supports(actor: Actor, learner_ids: list[UUID]) -> dict[UUID, list[Statement]]:
    rows = policy.statements_visible(actor, family=False).filter(
        worked_with_by(actor, "learner_id"),
        learner_id__in=learner_ids,
        kind=Kind.SUPPORT,
        withdrawn_no=None,
    )
    found: dict[UUID, list[Statement]] = {}
    for row in rows.order_by("order", "id"):
        found.setdefault(row.learner_id, []).append(row)
    return found


def said_of_supports(actor: Actor, seen: Sight, review: Review) -> dict[UUID, list[SupportSeen]]:
    """What came in for a review, beside the support that it bears on: statement → what was seen."""
    contributions = policy.contributions_visible(actor, family=seen.family)
    rows = SupportSeen.objects.filter(
        contribution__in=contributions.filter(review=review).values("pk"),
        learner_id=seen.learner.id,
    )
    if seen.family:
        rows = rows.filter(statement__in=policy.statements_visible(actor, family=True).values("pk"))
    found: dict[UUID, list[SupportSeen]] = {}
    for row in rows.select_related("contribution").order_by("contribution__said_at", "id"):
        found.setdefault(row.statement_id, []).append(row)
    return found
