"""Families that do not fit: who decides from 16 on, parents and orders, a refuge.

A young person who agreed in part, one not asked yet, one who lacks capacity for this decision, two
parents with different access, and one parent who may know where a child is, where the other may not.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.access.grants import Actor
from apps.accounts.models import User
from apps.common import clock
from apps.learners import deciding, family, whereabouts
from apps.learners.models import FamilyMember, Learner
from apps.seeding import places
from apps.seeding.lives import Desk

SELF = FamilyMember.Relation.SELF


def make_families() -> int:
    """Make every one of them; how many there are."""
    secondary = Desk("senco@ridgeway.example", "Ridgeway High School")
    special = Desk("senco@orchard.example", "The Orchard School")
    primary = Desk("senco@fernhill.example", "Fernhill Primary School")
    _agreed_in_part(secondary)
    _not_asked_yet(secondary)
    _spoken_for(special)
    _order(primary)
    _refuge(primary)
    return 5


def _joined(
    desk: Desk, learner: Learner, name: str, relation: str, email: str = ""
) -> FamilyMember:
    """Somebody of the family who has joined; with an address they can sign in to the demo."""
    user = User(email=email or f"{name.lower().replace(' ', '.')}@home.example", name=name)
    user.set_password(places.PASSWORD if email else None)
    user.save()

    def join(by: Actor) -> FamilyMember:
        values: dict[str, Any] = {"name": name, "relation": relation, "email": user.email}
        if relation != SELF:
            values |= {"parental_responsibility": True, "basis": "Birth certificate seen"}
        member = family.add_family_member(by=by, learner=learner, values=values)
        family.open_to_family(by=by, member=member, user_id=user.id)
        return member

    made: FamilyMember = desk.do(join)
    return made


def _agreed_in_part(desk: Desk) -> None:
    """Her mother reads; her father no more. She said so herself."""
    maya = desk.listed("Maya", "Quill", 12)
    own, mother = places.DECIDES, places.DECIDED_ON
    _joined(desk, maya, own.name, SELF, own.email)
    reads = _joined(desk, maya, mother.name, "mother", mother.email)
    _joined(desk, maya, "Owen Quill", "father")
    desk.do(lambda by: deciding.ask(by=by, learner=maya))
    Desk(own.email, places.DECIDES.place).do(
        lambda by: deciding.answer(by=by, learner=maya, answer="in part", adults={reads.id: "read"})
    )


def _not_asked_yet(desk: Desk) -> None:
    """In Year 11: his day is next June, and nobody has asked him."""
    ash = desk.listed("Ash", "Merritt", 11)
    _joined(desk, ash, "Lyn Merritt", "mother")
    _joined(desk, ash, "Ash Merritt", SELF)


def _spoken_for(desk: Desk) -> None:
    """Somebody decided, with her and those who know her, that she cannot decide this yet."""
    pia = desk.listed("Pia", "Lowell", 13)
    mother = _joined(desk, pia, "Ruth Lowell", "mother")
    today = clock.today()
    capacity = deciding.Capacity(
        assessed_by="Nia Carrow, SENCO, with her speech and language therapist",
        assessed_on=today - timedelta(days=30),
        assessed_how="Talked about on three days, with photos and her own signs",
        review_by=today + timedelta(days=21),
    )
    desk.do(
        lambda by: deciding.answer(
            by=by,
            learner=pia,
            answer="capacity",
            adults={mother.id: "contribute"},
            capacity=capacity,
        )
    )


def _order(desk: Desk) -> None:
    """One parent reads; the other's access is suspended, and an order ends within days."""
    arlo = desk.listed("Arlo", "Denby", 4)
    _joined(desk, arlo, "Carys Denby", "mother")
    father = _joined(desk, arlo, "Piers Denby", "father")
    today = clock.today()

    def note(by: Actor) -> None:
        family.note_order(
            by=by,
            member=father,
            kind="arrangements",
            seen="Sealed copy, shown by Carys Denby",
            starts=today - timedelta(days=200),
            ends=today + timedelta(days=9),
        )
        family.suspend_family(
            by=by,
            member=father,
            why="The order says how and when he is told about school",
            look_again_on=today + timedelta(days=9),
        )

    desk.do(note)


def _refuge(desk: Desk) -> None:
    """Her mother knows where she is; her father reads what helps, and not where."""
    wren = desk.listed("Wren", "Ashgrove", 2)
    mother = _joined(desk, wren, "Tess Ashgrove", "mother")
    father = places.NOT_TOLD_WHERE
    _joined(desk, wren, father.name, "father", father.email)
    desk.do(
        lambda by: whereabouts.withhold_where(
            by=by,
            learner=wren,
            reason="In a refuge. The police told the safeguarding lead.",
            may_know=[mother.id],
        )
    )
