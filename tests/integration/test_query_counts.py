"""Pages use a fixed number of queries, however many rows they show (goal P12).

All SQL counts: session, user, context, access log. Savepoints do not.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.common import clock
from apps.framework import selectors as framework
from apps.reviews.actions import meetings
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.actions.noticing import notice
from apps.reviews.models import Review
from apps.transitions.actions import planning
from tests import factories as make
from tests.support import records

pytestmark = pytest.mark.django_db

LIST, RECORD, REVIEW, PLACE = 8, 10, 23, 15
MANY = 30


@pytest.fixture(autouse=True)
def _the_framework_is_known(monkeypatch) -> None:
    """Each process asks twice a minute which version is published: not in the middle of a count."""
    monkeypatch.setattr(framework, "ASK_AGAIN", 10**9)


@pytest.fixture
def school():
    return make.setting()


@pytest.fixture
def senco(school):
    return make.staff("senco", school)


def listed(school, senco, moving: bool = False) -> Any:
    learner = make.learner(school, year_group=6)
    by = make.acting_as(senco)
    put_on_register(
        by=by,
        learner=learner,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
    )
    if moving:
        planning.expect(
            by=by,
            learner=learner,
            kind="phase",
            starts_on=clock.today() + timedelta(days=100),
            year_group=7,
        )
    return learner


def queries(person, path: str, headers: dict[str, str] | None = None) -> list[str]:
    """The SQL of the second visit: the first fills the caches that live with the process.

    Forgetting the context at the end is needed only inside a test's own transaction.
    """
    client = Client(headers=headers)
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(path).status_code == 200
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert client.get(path).status_code == 200
    return counted(captured)


def counted(captured: CaptureQueriesContext) -> list[str]:
    """Without savepoints, and without forgetting the context inside a test's transaction."""
    every = [q["sql"] for q in captured if "SAVEPOINT" not in q["sql"]]
    return [sql for sql in every if "set_config('lr.actor', ''" not in sql]


@pytest.mark.parametrize("path", ["/home/", "/register/", "/reviews/", "/moves/"])
def test_a_list_is_as_many_queries_for_one_as_for_many(path: str, school, senco) -> None:
    listed(school, senco, moving=True)
    one = queries(senco, path)
    for _ in range(MANY):
        listed(school, senco, moving=True)
    many = queries(senco, path)
    assert len(one) == len(many), "\n".join(many)
    if path == "/register/":
        assert len(many) <= LIST, "\n".join(many)


def test_a_record_is_as_many_queries_however_much_it_says(school, senco) -> None:
    learner = listed(school, senco)
    found = queries(senco, f"/learners/{learner.id}/")
    assert len(found) <= RECORD, "\n".join(found)


def test_an_open_review_is_as_many_queries_however_much_it_says(school, senco) -> None:
    few, many = listed(school, senco), make.learner(school)
    first = Review.objects.get(learner=few, state="open")
    records.signed(senco, many, school)
    review = records.open_one(senco, many, school)
    found = queries(senco, f"/reviews/{review.id}/")
    assert len(found) <= REVIEW, "\n".join(found)
    make.acting_as(senco)
    assert len(queries(senco, f"/reviews/{first.id}/")) <= len(found)


def test_a_place_of_a_review_asks_nothing_of_the_other_places(school, senco) -> None:
    learner = make.learner(school)
    records.signed(senco, learner, school)
    review = records.open_one(senco, learner, school)
    whole = queries(senco, f"/reviews/{review.id}/")
    part = queries(senco, f"/reviews/{review.id}/?place=strength", {"HX-Request": "true"})
    assert len(part) <= PLACE < len(whole), "\n".join(part)


def test_the_officer_s_pages_are_as_many_queries_for_one_as_for_many(school, senco) -> None:
    officer = make.staff("officer", school.local_area)
    listed(school, senco, moving=True)
    before = {p: len(queries(officer, p)) for p in ("/area/", "/area/moves/")}
    for _ in range(5):
        other = make.setting(school.local_area)
        listed(other, make.staff("senco", other), moving=True)
    assert {p: len(queries(officer, p)) for p in before} == before


def test_a_list_of_the_api_is_as_many_queries_for_one_as_for_many(school, senco) -> None:
    client = Client(headers={"Authorization": make.api_client(school)[1]})

    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/api/v1/register/").status_code == 200
        return len(counted(captured))

    listed(school, senco)
    count()
    one = count()
    for _ in range(MANY):
        listed(school, senco)
    assert count() == one <= LIST


def noticed(school, senco) -> None:
    notice(
        by=make.acting_as(senco),
        learner=make.learner(school),
        seen="Loses the thread",
        family_knows="yes",
    )


@pytest.mark.parametrize("path", ["/noticing/", "/classes/noticed/", "/classes/notice/", "/home/"])
def test_what_was_noticed_is_as_many_queries_for_one_as_for_many(path, school, senco) -> None:
    noticed(school, senco)
    one = queries(senco, path)
    for _ in range(7):
        noticed(school, senco)
    many = queries(senco, path)
    assert len(one) == len(many), "\n".join(many)


def test_meetings_are_as_many_queries_for_one_as_for_many(school, senco) -> None:
    learner = listed(school, senco)
    parent = make.parent(learner)
    member = learner.family.get().id

    def meet() -> None:
        meetings.offer(
            by=make.acting_as(senco),
            learner=learner,
            invited=[member],
            times=[clock.now() + timedelta(days=1)],
            how="phone",
        )

    pages = [(senco, f"/learners/{learner.id}/meetings/"), (parent, f"/family/{learner.id}/")]
    meet()
    one = [len(queries(*page)) for page in pages]
    for _ in range(5):
        meet()
    assert [len(queries(*page)) for page in pages] == one
