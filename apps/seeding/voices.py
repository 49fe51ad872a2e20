"""Voices on their way: views asked for, a round begun, supports checked, a child with pictures."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import cycle

from apps.access.grants import Actor
from apps.common import clock
from apps.reviews.actions import asking
from apps.reviews.actions.rounds import answer_round
from apps.reviews.actions.supports import check_support
from apps.reviews.actions.written_down import write_down
from apps.reviews.asking import Person
from apps.reviews.models import Review
from apps.reviews.rounds import Line, rounds_of
from apps.seeding.lives import Desk

SCHOOL = "Fernhill Primary School"
SEEN = [
    ("works", ""),
    ("works", ""),
    ("partly", "Needs a reminder to start, then goes on alone."),
    ("not seen", ""),
    ("not working", "The hall is too loud at that time."),
]
CHECKS = [
    ("as planned", ""),
    ("as planned", ""),
    ("partly", "Two of three sessions, because of the trip."),
    ("as planned", ""),
    ("not", "The adult who gives it was away for two weeks."),
]


def make_voices() -> int:
    """Ask for the views of a primary school's term, and let some arrive; how many were asked."""
    senco, teacher = (
        Desk("senco@fernhill.example", SCHOOL),
        Desk("teacher@fernhill.example", SCHOOL),
    )
    asked: int = senco.do(_ask)
    teacher.do(_answer)
    senco.do(_listen)
    return asked


def _open(by: Actor) -> list[Review]:
    place = [p.organisation_id for p in by.places if p.organisation_id]
    rows = Review.objects.filter(setting_id__in=place, state=Review.State.OPEN)
    return list(rows.select_related("learner").order_by("due_on", "id"))


def _ask(by: Actor) -> int:
    due = clock.today() + timedelta(days=6)
    reviews = _open(by)
    asked = asking.ask_for_views(by=by, review_ids=[r.id for r in reviews], due_on=due)
    therapist = Person("specialist", "Kit Lowe", email="kit.lowe@therapy.example")
    asked += len(asking.ask(by=by, review_id=reviews[0].id, people=[therapist], due_on=due))
    return asked


def _answer(by: Actor) -> None:
    """The teacher is through a third of the class."""
    marks, checks = cycle(SEEN), cycle(CHECKS)
    lines = [line for one in rounds_of(by) for line in one.lines]
    for number, line in enumerate(lines):
        if number % 3 == 0:
            _say(by, line, marks)
        else:
            for support in line.supports[:2]:
                answer, why = next(checks)
                check_support(by=by, statement_id=support.id, answer=answer, why=why)


def _say(by: Actor, line: Line, marks: Iterator[tuple[str, str]]) -> None:
    seen = {support.id: next(marks) for support in line.supports}
    going_well = "Puts a hand up, and waits." if not seen else ""
    answer_round(by=by, learner=line.learner, seen=seen, going_well=going_well)


def _listen(by: Actor) -> None:
    """The SENCO sat with a young child and wrote down what they said."""
    youngest = max(_open(by), key=lambda review: review.learner.date_of_birth)
    write_down(
        by=by,
        learner=youngest.learner,
        came_by="pictures",
        going_well="I like it: Playtime, Friends. “I can do the big slide now”",
        harder="It is hard: Lunch.",
    )
