"""The help before sign-off on its pages: shown, set aside with a reason, and never in the way."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners.models import Learner
from apps.reviews.actions import drafting, setting_aside, signoff
from apps.reviews.models import Review, SetAside
from tests import factories as make
from tests.support.world import build

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
POINT = "This support does not say how often or how long: “Drums”."


@pytest.fixture
def world() -> dict[str, Any]:
    return build()


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    return Learner.objects.get(pk=world["kwargs"]["learner_id"])


@pytest.fixture
def client(world: dict[str, Any]) -> Client:
    client = Client()
    client.force_login(world["people"]["senco"], backend=BACKEND)
    return client


def aside(world: dict[str, Any], who: str = "senco", reason: str = "As he likes") -> SetAside:
    return setting_aside.set_aside(
        by=make.acting_as(world["people"][who]),
        review_id=world["kwargs"]["review_id"],
        rule="frequency",
        subject_id=world["kwargs"]["subject_id"],
        reason=reason,
    )


@pytest.mark.parametrize("page", ["unchanged", "sign-off"])
def test_a_point_is_shown_until_it_is_set_aside_with_a_reason(page: str, world, client) -> None:
    keys = world["kwargs"]
    review = f"/reviews/{keys['review_id']}"
    one = f"{review}/points/frequency/{keys['subject_id']}/?back={page}"
    shown = client.get(f"{review}/{page}/").content.decode()
    assert POINT in shown
    assert one in shown
    assert f"{review}/edit/{keys['subject_id']}/" in shown
    empty = client.post(one, {"reason": " "})
    assert "Say why this is right as it is" in empty.content.decode()
    assert client.post(one, {"reason": "As he likes"}).headers["Location"] == f"{review}/{page}/"
    after = client.get(f"{review}/{page}/").content.decode()
    assert "1 set aside in this review" in after
    assert "Set aside: As he likes" in after
    client.post(one, {"again": "1"})
    assert "Worth another look" in client.get(f"{review}/{page}/").content.decode()


def test_a_draft_is_looked_at_as_it_will_stand(world, client) -> None:
    keys = world["kwargs"]
    drafting.save_change(
        by=make.acting_as(world["people"]["senco"]),
        review_id=keys["review_id"],
        version=None,
        change="replace",
        statement_id=keys["subject_id"],
        values={"kind": "support", "text": "Drums.", "details": {"how_often": "daily"}},
    )
    page = client.get(f"/reviews/{keys['review_id']}/sign-off/").content.decode()
    assert "Worth another look" not in page


def test_a_point_that_no_rule_finds_is_not_there(world, client) -> None:
    keys = world["kwargs"]
    for rule, subject in [("outcome", keys["subject_id"]), ("frequency", keys["statement_id"])]:
        address = f"/reviews/{keys['review_id']}/points/{rule}/{subject}/"
        assert client.post(address, {"reason": "No"}).status_code == 404


def test_no_point_stops_a_sign_off(world) -> None:
    senco = make.acting_as(world["people"]["senco"])
    keys = world["kwargs"]
    for area in ("cognition-and-learning", "social-emotional-and-mental-health",
                 "physical-and-sensory"):  # fmt: skip
        values = {"kind": "need", "area": area, "level": "universal", "text": "Met.", "details": {}}
        drafting.save_change(
            by=senco, review_id=keys["review_id"], version=None, change="add", values=values
        )
    signed = signoff.sign_off(
        by=senco, review_id=keys["review_id"], version=None, no_conversation_because="Offered"
    )
    assert signed.number == 2


def test_only_whoever_reviews_sets_aside_and_says_why(world) -> None:
    for who, refusal in [("teacher", Refused), ("head", Refused), ("parent", Refused),
                         ("neighbour", NotVisible), ("stranger", NotVisible)]:  # fmt: skip
        with pytest.raises(refusal):
            aside(world, who)
    with pytest.raises(Invalid):
        aside(world, reason="  ")
    assert aside(world).pk == aside(world).pk


def test_what_was_set_aside_holds_for_its_review_alone(world, robin) -> None:
    aside(world)
    Review.objects.filter(pk=world["kwargs"]["review_id"]).update(state="lapsed")
    with pytest.raises(InvalidTransition):
        aside(world)
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        SetAside.objects.create(
            review_id=world["signed"],
            learner=robin,
            rule="frequency",
            subject_id=world["kwargs"]["subject_id"],
            reason="Anew",
            set_aside_at=clock.now(),
        )


def test_nobody_else_reads_why(world) -> None:
    aside(world)
    for who, rows in {"senco": 1, "teacher": 0, "head": 0, "parent": 0, "neighbour": 0}.items():
        make.acting_as(world["people"][who])
        assert SetAside.objects.count() == rows, who
