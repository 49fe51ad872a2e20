"""What teachers and families noticed, and meetings: offered, booked, held."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from apps.access.grants import Actor
from apps.common import clock
from apps.learners import selectors as learners
from apps.learners.models import FamilyMember, Learner
from apps.reviews import meetings as reading
from apps.reviews.actions import meetings, noticing
from apps.reviews.models import Meeting, Noticing
from apps.seeding import places
from apps.seeding.lives import Desk
from apps.settings import calendar

TEACHER = "teacher@fernhill.example"
SCHOOL = "Fernhill Primary School"


def make_conversations() -> int:
    """Make them at Fernhill; how many there are."""
    senco, teacher = Desk("senco@fernhill.example", SCHOOL), Desk(TEACHER, SCHOOL)
    family = Desk(places.PARENT.email, places.PARENT.place)
    whose: Learner = family.do(lambda by: _child_of(by).learner)
    new, other = teacher.do(lambda by: _on_no_register(by, teacher))
    made = [
        _noticed(teacher, new, "Rubs both eyes and holds the book close after ten minutes.", ""),
        _noticed(teacher, other, "Stops after the first of two instructions.", "A list on paper"),
        _noticed(family, whose, "Has cried on Sunday evenings since the new seating plan.", ""),
    ]
    senco.do(
        lambda by: noticing.support_in_class(
            by=by,
            noticing_id=made[1].id,
            support="One instruction at a time, with a picture list on the table.",
            look_again_on=clock.today() + timedelta(days=14),
        )
    )
    _talk(senco, family, whose)
    return len(made) + 2


def _child_of(by: Actor) -> FamilyMember:
    return FamilyMember.objects.select_related("learner").get(user_id=by.key, may_see=True)


def _on_no_register(by: Actor, desk: Desk) -> list[Learner]:
    """Two whom the teacher teaches."""
    rows = learners.enrolled_at(by, desk.setting.id).filter(learner__entries=None)
    return [e.learner for e in rows[:2]]


def _noticed(desk: Desk, learner: Learner, seen: str, tried: str) -> Noticing:
    made: Noticing = desk.do(
        lambda by: noticing.notice(
            by=by, learner=learner, seen=seen, tried=tried, family_knows="not yet"
        )
    )
    return made


def _talk(senco: Desk, family: Desk, whose: Learner) -> None:
    """One meeting was held; another is to come, and the parent has still to choose."""

    def offer(days: int) -> Callable[[Actor], Meeting]:
        return lambda by: meetings.offer(
            by=by,
            learner=whose,
            invited=[m.id for m in reading.invitable(by, whose.id)],
            times=[_at(days), _at(days + 1)],
            how="in person",
            where="The library",
            who="the class teacher",
        )

    held: Any = senco.do(offer(1))
    family.do(lambda by: meetings.choose_time(by=by, meeting_id=held.id, starts_at=held.times[0]))
    senco.do(
        lambda by: meetings.note_held(
            by=by,
            meeting_id=held.id,
            held_on=clock.today(),
            agreed="Paired reading four times a week goes on. Home sends a photo of the book.",
        )
    )
    senco.do(offer(8))


def _at(days: int) -> datetime:
    """Half past three so many school days from now."""
    day = calendar.after_school_days(clock.today(), days, None)
    return timezone.make_aware(datetime.combine(day, time(15, 30)))
