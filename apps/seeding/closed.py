"""Lives that end a record or change whose it is: one who died, two records of one child, twins who
stay two, and an adoption of which only the new record is seen."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from apps.access import rls
from apps.access.grants import Actor
from apps.common import clock
from apps.lives.actions import adoption, death, joining
from apps.reviews.models import Statement
from apps.seeding.lives import Desk, _born
from apps.seeding.moves import actor_for


def make_closed() -> int:
    """Make every one of them; how many there are."""
    desk = Desk("senco@fernhill.example", "Fernhill Primary School")
    makers = (_died, _joined, _perhaps_twins, _adopted)
    for make in makers:
        make(desk)
    return len(makers)


def _died(desk: Desk) -> None:
    learner = desk.listed("Wilf", "Harrow", 2)
    desk.do(
        lambda by: death.note_death(
            by=by,
            learner_id=learner.id,
            died_on=clock.today() - timedelta(days=3),
            told_by="His grandmother, in person on Monday",
        )
    )


def _joined(desk: Desk) -> None:
    """Came in twice: once by hand, and once with a list that had another spelling."""
    born = _born(3, 40)
    kept = desk.listed("Tamsin", "Ellery", 3, born=born)
    again = desk.listed("Tamsin", "Elery", 3, born=born)
    desk.do(
        lambda by: joining.join(
            by=by, kept_id=kept.id, joined_id=again.id, why="The same birth certificate was seen"
        )
    )


def _perhaps_twins(desk: Desk) -> None:
    """Nobody has joined these two, and nobody should: but a pair with one name waits to be seen."""
    born = _born(5, 90)
    desk.added("Leo", "Castell", 5, born=born)
    desk.added("Luca", "Castell", 5, born=born)
    desk.added("Maud", "Trevose", 5, born=_born(5, 12))
    desk.added("Maud", "Trevoze", 5, born=_born(5, 12))


def _adopted(desk: Desk) -> None:
    learner = desk.listed("Jamie", "Pryor", 0)

    def propose(by: Actor) -> None:
        rows = Statement.objects.filter(learner=learner).values_list("id", flat=True)
        words: dict[UUID, str] = dict.fromkeys(rows, "Watches what the others do, and then begins")
        adoption.propose(
            by=by,
            learner_id=learner.id,
            values={"legal_given": "Wren", "known_given": "Wren", "known_family": "Albright"},
            to_setting=desk.setting,
            year_group=0,
            starts_on=clock.today(),
            because="Adoption order seen on paper",
            words=words,
        )

    desk.do(propose)
    with rls.acting(actor_for("head@fernhill.example")) as head:
        adoption.carry_out(by=head, learner_id=learner.id)
