"""The first wall fails shut: a page that forgot its policy is an error and an alarm, not a page."""

from __future__ import annotations

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from apps.access import asking
from apps.learners import policy
from apps.learners.models import EHCPlan, Learner
from tests import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def forgetful(request: HttpRequest) -> HttpResponse:
    return HttpResponse(", ".join(learner.known_given for learner in Learner.objects.all()))


def by_a_join(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(EHCPlan.objects.count()))


def careful(request: HttpRequest) -> HttpResponse:
    found = policy.visible_to(request.actor)  # type: ignore[attr-defined]
    return HttpResponse(", ".join(learner.known_given for learner in found))


def no_learner(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Nothing of anyone's")


urlpatterns = [
    path("forgetful/", forgetful),
    path("by-a-join/", by_a_join),
    path("careful/", careful),
    path("no-learner/", no_learner),
    path("", include("config.urls")),
]


@pytest.fixture
def senco(client: Client) -> Client:
    school = make.setting(make.local_area())
    make.learner(school)
    person = make.staff("senco", school)
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.mark.parametrize("address", ["/forgetful/", "/by-a-join/"])
def test_a_page_without_a_policy_shows_nothing_and_raises_the_alarm(
    senco: Client, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = senco.get(address)
    assert answer.status_code == 500
    assert b"Robin" not in answer.content
    assert "asked no policy" in caplog.text


@pytest.mark.parametrize("address", ["/careful/", "/no-learner/"])
def test_a_page_that_asks_or_reads_no_learner_is_shown(senco: Client, address: str) -> None:
    assert senco.get(address).status_code == 200


def test_every_table_of_a_learner_is_watched() -> None:
    watched = asking.protected().pattern
    for table in ("learners_learner", "reviews_statement", "register_registerentry"):
        assert table in watched
