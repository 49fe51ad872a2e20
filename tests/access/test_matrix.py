"""Every role and every URL has an expected answer. A new URL without a row fails."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from apps.common import clock
from apps.imports.actions import staging
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Acknowledgement, Review, Statement
from apps.transitions.actions import planning
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

WHO = [
    "anyone",
    "senco",
    "neighbour",
    "teacher",
    "head",
    "governor",
    "parent",
    "stranger",
    "officer",
    "outsider",
    "administrator",
]

# What each may expect, in the order of WHO: 200 a page, 302 sent on (a stranger to sign in),
# 400 asked for more, 403 may read but not do that, 404 not there for them, 405 not this way.
MATRIX: dict[str, str] = {
    "start": "200 302 302 302 302 302 302 302 302 302 302",
    "about": "200 " * 11,
    "privacy": "200 " * 11,
    "accessibility": "200 " * 11,
    "framework": "200 " * 11,
    "framework-version": "200 " * 11,
    "box": "200 " * 11,
    "toolkit": "200 " * 11,
    "guide": "200 " * 11,
    "join": "200 " * 11,
    "home": "302 200 200 302 302 302 302 302 302 302 302",
    "choose-organisation": "302 405 405 405 405 405 405 405 405 405 405",
    "put-away": "302 405 405 405 405 405 405 405 405 405 405",
    "register": "302 200 200 404 200 404 404 404 404 404 404",
    "add-to-register": "302 200 200 404 404 404 404 404 404 404 404",
    "entry": "302 200 404 404 404 404 404 404 404 404 404",
    "record": "302 200 404 200 200 404 302 404 200 404 404",
    "who-has-looked": "302 200 404 200 200 404 302 404 200 404 404",
    "past-review": "302 200 404 200 200 404 200 404 200 404 404",
    "interim": "302 405 405 405 405 405 405 405 405 405 405",
    "family-of": "302 200 404 404 404 404 404 404 404 404 404",
    "close-family": "302 405 405 405 405 405 405 405 405 405 405",
    "plan-move": "302 200 404 403 403 404 403 404 403 404 404",
    "reply": "302 200 404 403 403 404 403 404 403 404 404",
    "reviews": "302 200 200 404 404 404 404 404 404 404 404",
    "open-term": "302 405 405 405 405 405 405 405 405 405 405",
    "review": "302 200 404 403 403 404 403 404 403 404 404",
    "review-unchanged": "302 200 404 403 403 404 403 404 403 404 404",
    "review-level": "302 200 404 403 403 404 403 404 403 404 404",
    "review-add": "302 200 404 403 403 404 403 404 403 404 404",
    "review-edit": "302 200 404 403 403 404 403 404 403 404 404",
    "review-drop": "302 405 405 405 405 405 405 405 405 405 405",
    "review-progress": "302 200 404 403 403 404 403 404 403 404 404",
    "review-sign-off": "302 200 404 403 403 404 403 404 403 404 404",
    "moves": "302 200 200 404 404 404 404 404 200 200 404",
    "move": "302 200 404 200 200 404 302 404 200 404 404",
    "move-step": "302 405 405 405 405 405 405 405 405 405 405",
    "my-classes": "302 200 200 200 200 200 200 200 200 200 200",
    "profile": "302 200 404 200 200 404 302 404 200 404 404",
    "family": "302 200 200 200 200 200 302 302 200 200 200",
    "my-child": "302 404 404 404 404 404 200 404 404 404 404",
    "say": "302 404 404 404 404 404 200 404 404 404 404",
    "family-looked": "302 404 404 404 404 404 200 404 404 404 404",
    "acknowledge": "302 404 404 404 404 404 200 404 404 404 404",
    "area": "302 404 404 404 404 404 404 404 200 200 404",
    "area-moves": "302 404 404 404 404 404 404 404 200 200 404",
    "area-register": "302 404 404 404 404 404 404 404 200 404 404",
    "people": "302 200 200 404 200 404 404 404 404 404 302",
    "end-role": "302 405 405 405 405 405 405 405 405 405 405",
    "organisations": "302 404 404 404 404 404 404 404 404 404 200",
    "organisation": "302 404 404 404 404 404 404 404 404 404 200",
    "imports": "302 200 200 404 404 404 404 404 404 404 404",
    "import-template": "302 200 200 200 200 200 200 200 200 200 200",
    "import": "302 200 404 404 404 404 404 404 404 404 404",
    "import-commit": "302 405 405 405 405 405 405 405 405 405 405",
    "account_login": "200 302 302 302 302 302 302 302 302 302 302",
    "account_logout": "302 200 200 200 200 200 200 200 200 200 200",
    "account_signup": "200 302 302 302 302 302 302 302 302 302 302",
    "account_inactive": "200 " * 11,
    "account_reauthenticate": "302 200 200 200 200 200 200 200 200 200 200",
    "account_change_password": "302 200 200 200 200 200 200 200 200 200 200",
    "account_reset_password": "200 " * 11,
    "account_reset_password_done": "200 " * 11,
    "account_reset_password_from_key": "200 " * 11,
    "account_reset_password_from_key_done": "200 " * 11,
}


def url_names() -> dict[str, Any]:
    """Every named URL of the project."""
    return {k: v for k, v in get_resolver().reverse_dict.items() if isinstance(k, str)}


def test_every_url_has_a_row() -> None:
    assert set(url_names()) == set(MATRIX)


@pytest.fixture
def world() -> dict[str, Any]:
    """A learner with an open review, a past one and a shared move, and everyone around them."""
    area = make.local_area()
    school, other = make.setting(area), make.setting(area)
    senco = make.staff("senco", school)
    robin = make.learner(school, year_group=6)
    people = {
        "anyone": None,
        "senco": senco,
        "neighbour": make.staff("senco", other),
        "teacher": make.staff("teacher", school, whole_setting=True),
        "head": make.staff("head", school),
        "governor": make.staff("governor", school),
        "parent": make.parent(robin),
        "stranger": make.parent(make.learner(other)),
        "officer": make.staff("officer", area),
        "outsider": make.staff("officer", make.local_area()),
        "administrator": make.staff("administrator"),
    }
    by = make.acting_as(senco)
    review = put_on_register(
        by=by,
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
    )
    move = planning.expect(
        by=by,
        learner=robin,
        kind="phase",
        starts_on=clock.today() + timedelta(days=100),
        year_group=7,
    )
    staged = staging.stage(by=by, setting=school, file_name="list.csv", data=b"UPN\n")
    with as_owner():
        strength = Statement.objects.create(
            record=review.record, learner=robin, kind="strength", text="Sings.", introduced_no=1
        )
        disagreement = Acknowledgement.objects.create(
            review=review,
            learner=robin,
            family_member=robin.family.get(),
            agrees=False,
            says="Not quite",
            said_at=clock.now(),
            reply_due_on=clock.today(),
        )
    first = Review.objects.get(learner=robin, state="open")
    return {
        "people": people,
        "kwargs": {
            "learner_id": robin.id,
            "review_id": first.id,
            "transition_id": move.id,
            "statement_id": strength.id,
            "acknowledgement_id": disagreement.id,
            "setting_id": school.id,
            "member_id": robin.family.get().id,
            "membership_id": senco.memberships.get().id,
            "number": 1,
            "area": "cognition-and-learning",
            "level": "mild",
            "kind": "strength",
            "step": "share",
            "code": "visual-support",
            "import_id": staged.id,
            "uidb36": "1",
            "key": "a-b",
        },
        "signed": review.id,
    }


def address(name: str, world: dict[str, Any]) -> str:
    possibilities = url_names()[name][0]
    template, params = possibilities[0]
    values = {p: world["kwargs"][p] for p in params}
    if name in {"framework-version", "box"}:
        values["number"] = "0.1"
    if name == "acknowledge":
        values["review_id"] = world["signed"]
    return "/" + template % values


@pytest.mark.parametrize("who", WHO)
def test_every_answer_is_the_expected_one(who: str, world: dict[str, Any]) -> None:
    client = Client()
    person = world["people"][who]
    wrong = []
    for name, row in MATRIX.items():
        if person:
            client.force_login(
                person, backend="allauth.account.auth_backends.AuthenticationBackend"
            )
        expected = int(row.split()[WHO.index(who)])
        got = client.get(address(name, world)).status_code
        if got != expected:
            wrong.append(f"{name}: {got}, not {expected}")
    assert not wrong
