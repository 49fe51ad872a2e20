"""Two schools of an area, the one's SENCO, and the learners that these tests begin with."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.access.actions import invite_family
from apps.common import clock
from apps.learners.models import Learner
from apps.transitions.actions import planning
from tests import factories as make
from tests.support.lives import OTHER_UPN, UPN, listed, put_on


@pytest.fixture
def school():
    return make.setting(make.local_area(), name="Wren Park")


@pytest.fixture
def other(school):
    return make.setting(school.local_area, name="Ridgeway High")


@pytest.fixture
def senco(school):
    return make.staff("senco", school)


@pytest.fixture
def robin(school, other, senco) -> Learner:
    """On the register with an open review, a shared move, and a parent who is invited."""
    robin = put_on(make.learner(school), school, senco)
    by = make.acting_as(senco)
    move = planning.expect(
        by=by,
        learner=robin,
        kind="phase",
        starts_on=clock.today() + timedelta(days=90),
        year_group=7,
        to_setting=other,
    )
    planning.share(by=by, transition_id=move.id)
    member = robin.family.create(name="Jo", relation="father", email="jo@example.test")
    invite_family(
        by=by,
        email="jo@example.test",
        name="Jo",
        setting=school,
        family_member_id=member.id,
        learner_id=robin.id,
    )
    return robin


@pytest.fixture
def pair(school, senco) -> tuple[Learner, Learner]:
    """Two records of one child at one school, each with a number."""
    return listed(school, senco, upn=UPN), listed(school, senco, upn=OTHER_UPN)


@pytest.fixture
def apart(school, other, senco) -> tuple[Learner, Learner]:
    """Two records of one child, one at each of two schools of an area."""
    there = make.staff("senco", other)
    return listed(school, senco, upn=UPN), listed(other, there, upn=OTHER_UPN)
