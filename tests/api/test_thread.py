"""A connected system walks the thread over the API; each answer is one that it can act on."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from apps.access import rls
from apps.audit.models import AccessEntry
from apps.common import clock
from apps.reviews.models import Review
from apps.transitions.actions import delivery
from apps.transitions.models import Delivery
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

AREAS = {
    "communication-and-interaction": "moderate",
    "cognition-and-learning": "universal",
    "social-emotional-and-mental-health": "mild",
    "physical-and-sensory": "universal",
}
EVIDENCE = {"what": "Watches others", "where": "class", "when": "2026-01-01", "by": "Mr Ray"}


class System:
    """A connected system: sends JSON with its token, and the version that it read."""

    def __init__(self, token: str) -> None:
        self.client = Client(headers={"Authorization": token})

    def send(self, method: str, path: str, body: Any = None, version: Any = None) -> Any:
        headers = {"If-Match": str(version)} if version else {}
        return self.client.generic(
            method,
            f"/api/v1/{path}",
            *([json.dumps(body)] if body is not None else []),
            content_type="application/json",
            headers=headers,
        )

    def get(self, path: str) -> Any:
        response = self.send("GET", path)
        assert response.status_code == 200, response.content
        return response.json()

    def done(self, method: str, path: str, body: Any = None, version: Any = None) -> Any:
        response = self.send(method, path, body, version)
        assert response.status_code in {200, 201}, response.content
        return response.json()


@pytest.fixture
def school():
    return make.setting()


@pytest.fixture
def system(school) -> System:
    return System(make.api_client(school)[1])


def write(system: System, review: dict[str, Any]) -> dict[str, Any]:
    for area, level in AREAS.items():
        values = {"kind": "need", "area": area, "level": level, "text": "Follows one part."}
        values["details"] = {"evidence": [EVIDENCE]}
        change = {"change": "add", "values": values}
        review = system.done("POST", f"reviews/{review['id']}/changes/", change, review["version"])
    return review


def on_register(system: System, learner) -> dict[str, Any]:
    entry = {"learner": str(learner.id), "area": next(iter(AREAS)), "level": "mild"}
    system.done("POST", "register/", {**entry, "evidence": EVIDENCE})
    (review,) = system.get("reviews/?state=open")["results"]
    return review


def test_a_token_comes_from_an_id_and_a_secret(school, capsys) -> None:
    urn = school.identifiers.get(kind="urn").value
    call_command("connect_system", "MIS", "--scope", "learners:read", "--setting", urn)
    printed = dict(line.split(":", 1) for line in capsys.readouterr().out.splitlines())
    secret = printed["client_secret"].split()[0]
    asked = {"grant_type": "client_credentials", "client_id": printed["client_id"].strip()}
    client = Client()
    assert client.post("/api/token/", {**asked, "client_secret": "wrong"}).status_code == 401
    beyond = client.post("/api/token/", {**asked, "client_secret": secret, "scope": "records:read"})
    assert beyond.status_code == 400
    token = client.post("/api/token/", {**asked, "client_secret": secret}).json()
    assert token["scope"] == "learners:read"
    make.learner(school)
    rls.clear_context()
    found = System(f"Bearer {token['access_token']}").get("learners/")
    assert len(found["results"]) == 1


def test_from_the_register_to_a_signed_record_and_over_to_the_next_setting(school, system) -> None:
    learner = make.learner(school, year_group=6)
    review = write(system, on_register(system, learner))
    signed = system.done(
        "POST",
        f"reviews/{review['id']}/sign-off/",
        {"conversation_on": str(clock.today())},
        review["version"],
    )
    assert (signed["state"], signed["number"]) == ("signed off", 2)
    record = system.get(f"records/{learner.id}/")
    assert {s["level"] for s in record["statements"]} == {"moderate", "mild", "universal"}
    whole = system.send("GET", f"records/{learner.id}/reviews/2/")
    with as_owner():
        assert whole.content.decode() == Review.objects.get(number=2).canonical
    assert whole["Content-SHA-256"] == signed["sha256"]

    secondary = make.setting()
    other = System(make.api_client(secondary)[1])
    move = system.done(
        "POST",
        "transitions/",
        {
            "learner": str(learner.id),
            "kind": "phase",
            "starts_on": str(clock.today() + timedelta(days=100)),
            "year_group": 7,
            "to_setting": str(secondary.id),
        },
    )
    assert other.send("GET", f"transitions/{move['id']}/").status_code == 404
    move = system.done("POST", f"transitions/{move['id']}/share/", {}, move["version"])
    rls.clear_context()
    with as_owner():
        waiting = Delivery.objects.get(work=Delivery.Work.PACKAGE).pk
    assert delivery.work(waiting)
    assert [m["id"] for m in other.get("transitions/?direction=in")["results"]] == [move["id"]]
    (package,) = other.get(f"transitions/{move['id']}/packages/")
    assert set(package["files"]) == {
        "record.json",
        "history.json",
        "voices.json",
        "slips.json",
        "documents.json",
    }
    move = other.done("POST", f"transitions/{move['id']}/receive/", {}, move["version"])
    plan = {"kind": "visit", "on": str(clock.today() + timedelta(days=60)), "what": "A morning"}
    move = other.done("POST", f"transitions/{move['id']}/settling-in/", plan, move["version"])
    move = other.done("POST", f"transitions/{move['id']}/accept/", {"day_one": []}, move["version"])
    assert move["state"] == "accepted"


def test_a_write_without_a_version_a_stale_one_and_one_too_late(school, system) -> None:
    review = on_register(system, make.learner(school))
    path, change = f"reviews/{review['id']}/changes/", {"change": "add"}
    change["values"] = {"kind": "strength", "text": "Draws maps."}
    assert system.send("POST", path, change).status_code == 428
    system.done("POST", path, change, review["version"])
    stale = system.send("POST", path, change, review["version"])
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    review = write(system, system.get(f"reviews/{review['id']}/"))
    sign_off = {"no_conversation_because": "Not reached"}
    system.done("POST", f"reviews/{review['id']}/sign-off/", sign_off, review["version"])
    late = system.send("POST", path, change, review["version"])
    assert (late.status_code, late.json()["code"]) == (409, "wrong-state")


def test_a_problem_says_what_and_where_in_the_words_of_the_domain(school, system) -> None:
    review = on_register(system, make.learner(school))
    path = f"reviews/{review['id']}/sign-off/"
    response = system.send("POST", path, {"conversation_on": str(clock.today())}, review["version"])
    assert response["Content-Type"] == "application/problem+json"
    body = response.json()
    assert (body["status"], body["title"]) == (400, "Bad Request")
    assert body["detail"].startswith("Choose a level for")
    assert "level-cognition-and-learning" in body["errors"]
    nested = system.send("POST", "register/", {"evidence": {"when": "soon"}}).json()
    assert {"learner", "evidence.what", "evidence.when"} <= set(nested["errors"])


def test_changes_can_be_seen_and_taken_out_again(school, system) -> None:
    review = on_register(system, make.learner(school))
    change = {"change": "add", "values": {"kind": "strength", "text": "Draws maps."}}
    path = f"reviews/{review['id']}/changes/"
    review = system.done("POST", path, change, review["version"])
    (made,) = review["changes"]
    assert made["values"]["text"] == "Draws maps."
    review = system.done("DELETE", f"{path}{made['id']}/", version=review["version"])
    assert review["changes"] == []
    reader = System(make.api_client(school, scopes=["records:read"])[1])
    assert reader.get(f"reviews/{review['id']}/")["changes"] == []


def test_every_reading_is_in_the_log_of_the_learner(school, system) -> None:
    learner = make.learner(school)
    on_register(system, learner)
    system.get(f"records/{learner.id}/")
    system.get("register/")
    with as_owner():
        rows = AccessEntry.objects.filter(learner_ids__contains=[learner.id])
        seen = set(rows.values_list("kind", "what", "role", "organisation_name"))
    here = ("Connected system", school.name)
    assert {("opened", "record", *here), ("listed", "register", *here)} <= seen


def test_a_local_area_says_why(school, system) -> None:
    learner = make.learner(school)
    on_register(system, learner)
    area = System(make.api_client(school.local_area, scopes=["records:read"])[1])
    refused = area.send("GET", f"records/{learner.id}/")
    assert (refused.status_code, refused.json()["code"]) == (403, "purpose-needed")
    area.client.defaults["HTTP_PURPOSE"] = "moderation"
    assert area.get(f"records/{learner.id}/")["learner"]["id"] == str(learner.id)
    with as_owner():
        assert AccessEntry.objects.filter(purpose="moderation").exists()


def test_lists_come_in_pages_by_key(school, system) -> None:
    wanted = {str(make.learner(school).id) for _ in range(5)}
    found, path = set(), "learners/?page_size=2"
    while path:
        page = system.get(path)
        found |= {row["learner"]["id"] for row in page["results"]}
        path = page["next"] and page["next"].split("/api/v1/")[1]
    assert found == wanted


def test_a_client_of_two_settings_names_one(school) -> None:
    other = make.setting()
    both = System(make.api_client(school, other)[1])
    make.learner(other)
    assert both.send("GET", "learners/").json()["errors"] == {
        "setting": "Name one of your settings."
    }
    assert len(both.get(f"learners/?setting={other.id}")["results"]) == 1
    assert both.send("GET", f"learners/?setting={make.setting().id}").status_code == 404


def test_a_learner_is_found_by_number_only_among_those_seen(school, system) -> None:
    make.learner(school, upn="B801200005001")
    make.learner(make.setting(), upn="P207000016049")
    assert len(system.done("POST", "learners/find/", {"upn": "b801200005001"})) == 1
    assert system.done("POST", "learners/find/", {"upn": "P207000016049"}) == []
    wrong = system.send("POST", "learners/find/", {"upn": "B801200005002"})
    assert "call for" in wrong.json()["errors"]["upn"]
