"""A whole year handed over on one page."""

from __future__ import annotations

import pytest
from django.test import Client

from apps.common import clock
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.transitions.models import Transition
from tests import factories as make

pytestmark = pytest.mark.django_db

FIRST_DAY = {"starts_on_0": "1", "starts_on_1": "9", "starts_on_2": "2030", "year_group": "7"}


class Year:
    """Three of Year 6 on the register, one of Year 5, and a secondary school near by."""

    def __init__(self) -> None:
        self.school = make.setting(low_age=5, high_age=11)
        area = self.school.local_area
        self.high = make.setting(
            area, name="Ridgeway High", phase="secondary", low_age=11, high_age=16
        )
        self.senco = make.staff("senco", self.school)
        self.learners = [self.listed(year) for year in (6, 6, 6, 5)]

    def listed(self, year: int):
        learner = make.learner(self.school, year_group=year)
        put_on_register(
            by=make.acting_as(self.senco),
            learner=learner,
            setting=self.school,
            area="cognition-and-learning",
            level="mild",
            evidence=Evidence("Seen", "class", clock.today(), "Mr Ray"),
        )
        return learner

    def browser(self) -> Client:
        client = Client()
        client.force_login(
            self.senco, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client

    def post(self, *destinations: str):
        to = {f"to-{v.id}": d for v, d in zip(self.learners, destinations, strict=False)}
        return self.browser().post("/moves/year/6/", {**FIRST_DAY, **to})

    def moves(self) -> list[Transition]:
        make.acting_as(self.senco)
        return list(Transition.objects.order_by("opened_at"))


@pytest.fixture
def year() -> Year:
    return Year()


def test_the_page_of_moves_leads_there_and_says_how_many_wait(year: Year) -> None:
    page = year.browser().get("/moves/").content.decode()
    assert "/moves/year/6/" in page and "(3)" in page
    page = year.browser().get("/moves/year/6/").content.decode()
    assert page.count(" goes</label>") == 3  # a field for each of Year 6
    assert "Ridgeway High" in page


def test_what_is_filled_in_is_planned_named_and_shared_at_once(year: Year) -> None:
    assert year.post("Ridgeway High", "Ridgeway High", "").status_code == 302
    assert [m.state for m in year.moves()] == ["shared", "shared"]
    assert {m.to_setting_id for m in year.moves()} == {year.high.id}
    page = year.browser().get("/moves/year/6/").content.decode()
    assert "1 not shared yet" in page


def test_a_wrong_name_keeps_what_was_typed_and_holds_up_nobody_else(year: Year) -> None:
    answer = year.post("Ridgeway High", "Nowhere School", "")
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Nowhere School" in page and "No open setting has that name or URN." in page
    assert len(year.moves()) == 1


def test_a_move_that_was_planned_before_goes_on(year: Year) -> None:
    year.post("Ridgeway High")
    (move,) = year.moves()
    year.post("", "Ridgeway High")
    assert [m.state for m in year.moves()] == ["shared", "shared"]
    assert move.id in {m.id for m in year.moves()}


def test_a_day_in_the_past_is_refused_beside_each(year: Year) -> None:
    to = {f"to-{year.learners[0].id}": "Ridgeway High"}
    sent = {**FIRST_DAY, "starts_on_2": "2020", **to}
    page = year.browser().post("/moves/year/6/", sent).content.decode()
    assert "has to be in the future" in page
    assert not year.moves()


def test_nobody_of_another_setting_is_there(year: Year) -> None:
    other = make.staff("senco", make.setting())
    client = Client()
    client.force_login(other, backend="allauth.account.auth_backends.AuthenticationBackend")
    page = client.get("/moves/year/6/").content.decode()
    assert "Nobody of Year 6" in page
    sent = {**FIRST_DAY, f"to-{year.learners[0].id}": "Ridgeway High"}
    assert client.post("/moves/year/6/", sent).status_code == 302
    assert not year.moves()
