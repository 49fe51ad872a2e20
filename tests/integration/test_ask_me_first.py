"""Ask me first: what a young person wrote is shown to others once they were asked and agreed."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.accounts.models import User
from apps.common.exceptions import InvalidTransition, NotVisible, Refused
from apps.learners.models import FamilyMember, Learner
from apps.notifications.models import Notification
from apps.reviews.actions import asking_first, voices
from apps.reviews.models import AskedFirst, Contribution
from tests import factories as make
from tests.support.database import as_owner
from tests.support.world import build

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WORDS = "I want to change my group."


@pytest.fixture
def world() -> dict[str, Any]:
    return build()


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    return Learner.objects.get(pk=world["kwargs"]["learner_id"])


@pytest.fixture
def own(robin: Learner) -> User:
    person = make.parent(robin)
    with as_owner():
        FamilyMember.objects.filter(user=person).update(relation="self")
    return person


@pytest.fixture
def said(robin: Learner, own: User) -> Contribution:
    return voices.contribute(by=make.acting_as(own), learner=robin, harder=WORDS, ask_me_first=True)


def page(person: User, address: str, **sent: str) -> Any:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client.post(address, sent) if sent else client.get(address)


def shown_to(person: User, robin: Learner) -> bool:
    make.acting_as(person)
    there = Contribution.objects.filter(harder=WORDS).exists()
    assert (WORDS in page(person, f"/family/{robin.id}/").content.decode()) is there
    return there


def test_others_see_it_after_the_author_said_yes_and_not_before(
    world: dict[str, Any], robin: Learner, own: User, said: Contribution
) -> None:
    mother, senco = world["people"]["parent"], world["people"]["senco"]
    assert not shown_to(mother, robin)
    record = page(senco, f"/learners/{robin.id}/").content.decode()
    assert "They want to be asked" in record
    assert page(senco, f"/contributions/{said.id}/ask/", x="").status_code == 302
    assert not shown_to(mother, robin)
    assert "May the adults of your family" in page(own, f"/family/{robin.id}/").content.decode()
    answer = f"/family/contributions/{said.id}/"
    assert page(own, answer, may_show="yes").status_code == 302
    assert shown_to(mother, robin)
    assert page(own, answer, may_show="no").status_code == 302
    assert not shown_to(mother, robin)


def test_the_message_names_nobody(world: dict[str, Any], own: User, said: Contribution) -> None:
    asking_first.ask_first(by=make.acting_as(world["people"]["senco"]), contribution_id=said.id)
    with as_owner():
        told = Notification.objects.get(kind="asked first")
    assert told.recipient_id == own.id
    assert "Robin" not in told.text


def test_only_whoever_reviews_asks_and_once(world: dict[str, Any], said: Contribution) -> None:
    for who, refusal in (
        ("teacher", Refused),
        ("parent", NotVisible),
        ("neighbour", NotVisible),
        ("stranger", NotVisible),
    ):
        with pytest.raises(refusal):
            asking_first.ask_first(by=make.acting_as(world["people"][who]), contribution_id=said.id)
    for _ in range(2):
        senco = make.acting_as(world["people"]["senco"])
        if AskedFirst.objects.exists():
            with pytest.raises(InvalidTransition):
                asking_first.ask_first(by=senco, contribution_id=said.id)
        else:
            asking_first.ask_first(by=senco, contribution_id=said.id)


def test_nobody_answers_for_the_author(world: dict[str, Any], said: Contribution) -> None:
    asking_first.ask_first(by=make.acting_as(world["people"]["senco"]), contribution_id=said.id)
    for who in ("parent", "senco", "teacher", "neighbour", "stranger"):
        actor = make.acting_as(world["people"][who])
        with pytest.raises(NotVisible):
            asking_first.answer_first(by=actor, contribution_id=said.id, may_show=True)
        make.acting_as(world["people"][who])
        assert AskedFirst.objects.update(may_show=True, answered_at=said.said_at) == 0


def test_the_database_takes_no_question_that_is_answered_already(
    world: dict[str, Any], robin: Learner, said: Contribution
) -> None:
    make.acting_as(world["people"]["senco"])
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        AskedFirst.objects.create(
            contribution=said,
            learner=robin,
            author_id=said.author_id,
            asked_by="S",
            asked_at=said.said_at,
            may_show=True,
            answered_at=said.said_at,
        )
