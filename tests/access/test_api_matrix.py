"""Every connected system and every action of the API has an expected answer; a new one fails."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver

from apps.access.models import ApiClientGrant
from apps.access.roles import SCOPES
from apps.api.v1.urls import urlpatterns
from apps.common import clock
from tests import factories as make

pytestmark = pytest.mark.django_db

# "own" and "reader" act for the learner's school, with every scope and with those that read;
# "area" for the local area, without a purpose; the grant of "ended" is over.
WHO = ["nobody", "own", "reader", "neighbour", "area", "ended", "framework only"]
READS = {scope for scope in SCOPES if scope.endswith(":read")}

# 200 and 201 done, 400 asked for more, 403 may not, 404 not there for them, 409 wrong state,
# 428 a version is needed: whoever is told so has passed the policy.
MATRIX: dict[str, str] = {
    "GET api-settings": "401 200 200 200 200 200 403",
    "GET api-setting": "401 200 200 200 200 200 403",
    "GET api-framework-versions": "401 200 200 200 200 200 200",
    "GET api-framework": "401 200 200 200 200 200 200",
    "GET api-practice-guides": "401 200 200 200 200 200 200",
    "GET api-learners": "401 200 200 200 400 400 403",
    "POST api-find-learner": "401 200 200 200 200 200 403",
    "GET api-learner": "401 200 200 404 403 404 403",
    "GET api-register": "401 200 200 200 400 400 403",
    "POST api-register": "401 409 403 404 403 404 403",
    "GET api-record": "401 200 200 404 403 404 403",
    "GET api-signed-record": "401 200 200 404 403 404 403",
    "GET api-reviews": "401 200 200 200 400 400 403",
    "POST api-reviews": "401 409 403 404 403 404 403",
    "GET api-review": "401 200 200 404 403 404 403",
    "POST api-changes": "401 201 403 404 403 404 403",
    "DELETE api-change": "401 404 403 404 403 404 403",
    "PUT api-progress": "401 404 403 404 403 404 403",
    "POST api-sign-off": "401 400 403 404 403 404 403",
    "GET api-transitions": "401 200 200 200 400 400 403",
    "POST api-transitions": "401 409 403 404 403 404 403",
    "GET api-transition": "401 200 200 404 403 404 403",
    "GET api-packages": "401 200 200 404 403 404 403",
    "POST api-name": "401 200 403 404 403 404 403",
    "POST api-share": "401 409 403 404 403 404 403",
    "POST api-redirect": "401 400 403 404 403 404 403",
    "POST api-withdraw": "401 200 403 404 403 404 403",
    "POST api-receive": "401 403 403 404 403 404 403",
    "POST api-settling-in": "401 403 403 404 403 404 403",
    "POST api-accept": "401 403 403 404 403 404 403",
}


def api_names() -> list[str]:
    """The names of the API's resources."""
    return [str(p.name) for p in urlpatterns]


def actions() -> set[str]:
    """Every resource and method that there is."""
    return {
        f"{method} {p.name}"
        for p in urlpatterns
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if hasattr(p.callback.view_class, method.lower())
    }


def test_every_action_has_a_row() -> None:
    assert actions() == set(MATRIX)


def test_every_action_names_its_scope() -> None:
    for p in urlpatterns:
        view = p.callback.view_class
        named = {f"{method} {p.name}" for method in view.scopes}
        assert named == {a for a in actions() if a.split()[1] == p.name}
        assert set(view.scopes.values()) <= SCOPES.keys()


@pytest.fixture
def tokens(world: dict[str, Any]) -> dict[str, str]:
    school = world["school"]
    _, ended = make.api_client(school)
    ApiClientGrant.objects.filter(client__name="A school's system").update(
        starts_on=clock.today() - timedelta(days=10), ends_on=clock.today()
    )
    return {
        "nobody": "",
        "own": make.api_client(school)[1],
        "reader": make.api_client(school, scopes=READS)[1],
        "neighbour": make.api_client(world["other"])[1],
        "area": make.api_client(world["area"])[1],
        "ended": ended,
        "framework only": make.api_client(school, scopes=["framework:read"])[1],
    }


def body(name: str, world: dict[str, Any]) -> dict[str, Any]:
    """What a write sends: all that it needs to be done, by whoever may."""
    learner, other = str(world["kwargs"]["learner_id"]), str(world["other"].id)
    evidence = {"what": "Watches others", "when": "2026-01-01"}
    area, later = "communication-and-interaction", str(clock.today() + timedelta(days=100))
    bodies: dict[str, dict[str, Any]] = {
        "api-find-learner": {"upn": "B801200005001"},
        "api-register": {"learner": learner, "area": area, "level": "mild", "evidence": evidence},
        "api-reviews": {"learner": learner},
        "api-changes": {"change": "add", "values": {"kind": "strength", "text": "Draws."}},
        "api-progress": {"progress": [{"outcome": learner, "mark": "on track"}]},
        "api-sign-off": {"no_conversation_because": "Not yet reached"},
        "api-transitions": {
            "learner": learner,
            "kind": "phase",
            "starts_on": later,
            "year_group": 7,
        },
        "api-name": {"to_setting": other},
        "api-redirect": {"why": "Moved house"},
        "api-withdraw": {"why": "Stays"},
        "api-settling-in": {"kind": "visit", "on": later, "what": "A morning"},
        "api-accept": {"day_one": []},
    }
    return bodies.get(name, {})


def ask(action: str, token: str, world: dict[str, Any]) -> int:
    """The status that this action answers; whatever it did is undone."""
    method, name = action.split()
    template, params = get_resolver().reverse_dict.getlist(name)[0][0][0]
    values = {p: world["kwargs"][p] for p in params}
    if name == "api-framework":
        values["number"] = "0.1"
    query = "?direction=out" if name == "api-transitions" else ""
    headers = {"If-Match": '"1"', **({"Authorization": token} if token else {})}
    sent = b"" if method == "GET" else json.dumps(body(name, world)).encode()
    with transaction.atomic():
        response = Client(headers=headers).generic(
            method, f"/{template % values}{query}", sent, content_type="application/json"
        )
        transaction.set_rollback(True)
    return response.status_code


@pytest.mark.parametrize("who", WHO)
def test_every_answer_is_the_expected_one(who: str, world: dict, tokens: dict[str, str]) -> None:
    wrong = []
    for action, row in MATRIX.items():
        expected = int(row.split()[WHO.index(who)])
        got = ask(action, tokens[who], world)
        if got != expected:
            wrong.append(f"{action}: {got}, not {expected}")
    assert not wrong
