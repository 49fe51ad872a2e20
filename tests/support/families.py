"""What several tests do about a learner's family."""

from __future__ import annotations

from typing import Any

from apps.accounts.models import User
from apps.learners import whereabouts
from apps.learners.models import FamilyMember, Learner, WithheldWhereabouts
from tests import factories as make
from tests.support.database import as_owner


def member_of(person: User) -> FamilyMember:
    """Who this person is in a family."""
    with as_owner():
        return FamilyMember.objects.get(user=person)


def withhold(world: dict[str, Any], robin: Learner, by: str = "senco") -> WithheldWhereabouts:
    """Withhold where the learner is from all of the family but the parent of `world`."""
    return whereabouts.withhold_where(
        by=make.acting_as(world["people"][by]),
        learner=robin,
        reason="A refuge; police told us",
        may_know=[member_of(world["people"]["parent"]).id],
    )
