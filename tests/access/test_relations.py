"""Whoever had a right and has it no more gets what a stranger gets, at the very next request."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from apps.access import actions as access
from apps.accounts.models import User
from apps.common import clock
from apps.learners import family
from apps.learners.models import FamilyMember, Learner, RecordHolder
from tests import factories as make
from tests.access.test_matrix import MATRIX, POSTED, WHO, address
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def former_senco(world: dict[str, Any]) -> User:
    """The SENCO of a setting that held the record before: reads that, on a page of its own."""
    before = make.setting(world["area"])
    with as_owner():
        RecordHolder.objects.create(
            learner_id=world["kwargs"]["learner_id"],
            setting=before,
            reason=RecordHolder.Reason.FIRST_ENTRY,
            starts_on=make.LONG_AGO,
            ends_on=clock.today(),
        )
    return make.staff("senco", before)


def revoked_senco(world: dict[str, Any]) -> User:
    """A SENCO of the learner's own school whose role has just been ended."""
    person = make.staff("senco", world["school"])
    access.end_membership(
        by=make.acting_as(world["people"]["head"]), membership=person.memberships.get()
    )
    return person


def coming_senco(world: dict[str, Any]) -> User:
    """A SENCO of the learner's own school whose role begins tomorrow."""
    person = make.staff("senco", world["school"])
    person.memberships.update(starts_on=clock.today() + timedelta(days=1))
    return person


def suspended_parent(world: dict[str, Any]) -> User:
    """A parent whose access the school has just ended, with the reason."""
    robin = Learner.objects.get(pk=world["kwargs"]["learner_id"])
    person = make.parent(robin)
    senco = make.acting_as(world["people"]["senco"])
    member = FamilyMember.objects.get(user=person)
    family.close_to_family(by=senco, member=member, why="A court order")
    return person


# Whose answers they get, and where theirs differ.
NO_CHILD = {"family": 200}  # the stranger has a child elsewhere, whose page opens instead
EXPECTED: dict[Any, tuple[str, dict[str, int]]] = {
    former_senco: ("neighbour", {}),
    revoked_senco: ("stranger", NO_CHILD),
    coming_senco: ("stranger", NO_CHILD),
    suspended_parent: ("stranger", NO_CHILD),
}


@pytest.mark.parametrize("relation", EXPECTED, ids=lambda relation: relation.__name__)
def test_every_answer_is_the_expected_one(relation: Any, world: dict[str, Any]) -> None:
    like, differs = EXPECTED[relation]
    column, client, wrong = WHO.index(like), Client(), {}
    person = relation(world)
    for name, row in {**MATRIX, **{f"POST {name}": row for name, row in POSTED.items()}}.items():
        client.force_login(person, backend=BACKEND)
        page = name.removeprefix("POST ")
        world["kwargs"]["step"] = "plan-ended" if page == "places-step" else "share"
        send = client.post if name.startswith("POST") else client.get
        with transaction.atomic():
            got = send(address(page, world)).status_code
            transaction.set_rollback(True)
        if got != differs.get(name, int(row.split()[column])):
            wrong[name] = got
    print("WRONG", wrong)
    assert wrong == {}
