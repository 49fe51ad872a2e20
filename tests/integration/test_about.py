"""Who a learner is, written by hand: a name, a birth date, where they live; and one added alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from apps.common import clock
from apps.imports.models import IdentifierCheck
from apps.learners.models import Enrolment, Learner
from apps.register.models import RegisterEntry
from apps.reviews.actions import places
from tests import factories as make
from tests.integration.test_imports import next_working_day
from tests.support.database import as_owner
from tests.support.lives import browser, put_on

pytestmark = pytest.mark.django_db

UPN = "B801200005001"


@pytest.fixture
def school():
    return make.setting(name="Wren Park")


@pytest.fixture
def senco(school):
    return make.staff("senco", school)


@pytest.fixture
def robin(school, senco) -> Learner:
    return put_on(make.learner(school, known_family="Aske"), school, senco)


def facts(**changed: Any) -> dict[str, Any]:
    """What the form of a learner sends."""
    return {
        "known_given": "Robin",
        "known_family": "Aske",
        "family_name_first": "False",
        "legal_given": "Robin",
        "legal_family": "Aske",
        "date_of_birth_0": 14,
        "date_of_birth_1": 3,
        "date_of_birth_2": 2018,
        "birth_date_certainty": "known",
        "version": 1,
        **changed,
    }


def now(learner: Learner) -> Learner:
    with as_owner():
        return Learner.objects.get(pk=learner.pk)


def about(learner: Learner) -> str:
    return f"/learners/{learner.id}/about/"


class TestAbout:
    def test_is_linked_from_the_record(self, senco, robin) -> None:
        assert about(robin) in browser(senco).get(f"/learners/{robin.id}/").content.decode()

    def test_a_new_name_is_everywhere_at_once_in_the_order_of_the_family(
        self, senco, robin
    ) -> None:
        desk = browser(senco)
        sent = facts(known_given="Yan", known_family="Zhou", family_name_first="True")
        assert desk.post(about(robin), sent).status_code == 302
        assert "Zhou Yan" in desk.get("/register/").content.decode()
        assert "Zhou <b>Yan</b>" in desk.get(f"/learners/{robin.id}/").content.decode()
        assert desk.get("/register/?words=zhou").content.decode().count("Zhou Yan") >= 1
        assert now(robin).legal_family == "Aske"

    def test_a_refugees_birth_date_can_be_an_estimate(self, senco, robin) -> None:
        desk = browser(senco)
        desk.post(about(robin), facts(birth_date_certainty="estimated", date_of_birth_1=1))
        assert "Born 14 January 2018 (estimated)" in " ".join(
            desk.get(f"/learners/{robin.id}/").content.decode().split()
        )

    def test_the_area_where_they_live_finds_them_among_its_residents(self, senco, robin) -> None:
        home = make.local_area()
        officer = browser(make.staff("officer", home))
        assert "Aske" not in officer.get("/area/residents/").content.decode()
        browser(senco).post(about(robin), facts(home_area=home.id))
        assert "Aske" in officer.get("/area/residents/").content.decode()

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"date_of_birth_2": 2100}, "This day is still to come."),
            ({"date_of_birth_2": 1980}, "Born in 1980?"),
            ({"legal_given": "R<b>in"}, "There is “&lt;” in this name."),
            ({"known_given": ""}, "Known as: given name: this cannot be empty."),
        ],
    )
    def test_what_was_typed_stays_when_it_is_not_accepted(
        self, senco, robin, wrong: dict[str, Any], said: str
    ) -> None:
        page = browser(senco).post(about(robin), facts(known_family="Typed", **wrong))
        assert said in page.content.decode() and 'value="Typed"' in page.content.decode()
        assert now(robin).known_family == "Aske"

    def test_who_saves_late_keeps_what_they_typed_and_saves_again(self, senco, robin) -> None:
        desk = browser(senco)
        desk.post(about(robin), facts(known_given="First"))
        late = desk.post(about(robin), facts(known_given="Second"))
        assert late.status_code == 409 and 'value="Second"' in late.content.decode()
        assert now(robin).known_given == "First"
        version = late.context["form"]["version"].value()
        desk.post(about(robin), facts(known_given="Second", version=version))
        assert now(robin).known_given == "Second"

    def test_a_number_is_not_to_be_changed_here(self, senco, robin) -> None:
        browser(senco).post(about(robin), facts(upn=UPN, nhs_number="9434765919"))
        assert (now(robin).upn, now(robin).nhs_number) == (None, None)

    def test_is_the_officers_where_the_area_holds_the_record(self, school, senco, robin) -> None:
        officer = browser(make.staff("officer", school.local_area))
        assert officer.get(about(robin)).status_code == 403
        places.leave_without_place(
            by=make.acting_as(senco), learner=robin, local_area=school.local_area, why="home"
        )
        assert officer.post(about(robin), facts(known_given="Bobby")).status_code == 302
        assert now(robin).known_given == "Bobby"
        assert browser(senco).get(about(robin)).status_code == 404


ADD = "/learners/add/"


def new(**changed: Any) -> dict[str, Any]:
    """The form of somebody new, with today as the first day."""
    day = clock.today()
    first = {"starts_on_0": day.day, "starts_on_1": day.month, "starts_on_2": day.year}
    return facts(**{"year_group": "4", "class_name": "4K", "upn": "", **first, **changed})


def roll(school) -> list[Learner]:
    with as_owner():
        rows = Enrolment.objects.filter(setting=school).select_related("learner")
        return [e.learner for e in rows.order_by("id")]


class TestAddingOne:
    def test_is_offered_where_lists_come_in_and_where_nobody_is_found(self, senco) -> None:
        desk = browser(senco)
        assert ADD in desk.get("/imports/").content.decode()
        assert ADD not in desk.get("/register/add/").content.decode()
        assert ADD in desk.post("/register/add/", {"words": "Nobody"}).content.decode()

    def test_brings_them_onto_the_roll_and_onto_no_register(self, school, senco) -> None:
        sent = new(known_given="Bobby", birth_date_certainty="estimated")
        assert browser(senco).post(ADD, sent).status_code == 302
        (robin,) = roll(school)
        assert (str(robin), robin.legal_given) == ("Bobby Aske", "Robin")
        assert (robin.date_of_birth, robin.birth_date_certainty) == (date(2018, 3, 14), "estimated")
        with as_owner():
            here = Enrolment.objects.get()
            assert (here.year_group, here.class_name, here.kind) == (4, "4K", "main")
            assert not RegisterEntry.objects.exists()

    def test_a_number_is_theirs_once_it_is_checked(self, school, senco) -> None:
        browser(senco).post(ADD, new(upn=UPN.lower()))
        (robin,) = roll(school)
        assert (robin.upn, robin.identifier_being_checked) == (None, True)
        next_working_day()
        assert (now(robin).upn, now(robin).identifier_being_checked) == (UPN, False)

    def test_a_number_of_another_setting_is_told_to_nobody_and_never_twos(
        self, school, senco
    ) -> None:
        theirs = make.learner(make.setting(), upn=UPN)
        assert browser(senco).post(ADD, new(upn=UPN)).status_code == 302
        next_working_day()
        assert [learner.upn for learner in roll(school)] == [None]
        assert now(theirs).upn == UPN

    @pytest.mark.parametrize("checked", [True, False])
    def test_a_number_of_somebody_here_adds_nobody(self, school, senco, checked: bool) -> None:
        desk = browser(senco)
        desk.post(ADD, new(upn=UPN))
        if checked:
            next_working_day()
        page = desk.post(ADD, new(upn=UPN, known_given="Wren", another_child="on"))
        assert "This is the UPN of Robin Aske, who is here already." in page.content.decode()
        assert len(roll(school)) == 1
        with as_owner():
            assert IdentifierCheck.objects.count() == 1

    def test_the_same_name_and_birth_date_are_asked_about_first(self, school, senco) -> None:
        desk = browser(senco)
        desk.post(ADD, new())
        page = desk.post(ADD, new(class_name="4T")).content.decode()
        assert f"/learners/{roll(school)[0].id}/" in page and 'value="4T"' in page
        assert "It is another child" in page
        assert len(roll(school)) == 1
        desk.post(ADD, new(another_child="on"))
        assert len(roll(school)) == 2

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"upn": "A801200005001"}, "has the wrong first letter"),
            ({"year_group": "big"}, "is not a year group"),
            ({"starts_on_2": 2100}, "Enter today or an earlier day."),
        ],
    )
    def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
        self, school, senco, wrong: dict[str, Any], said: str
    ) -> None:
        page = browser(senco).post(ADD, new(known_given="Typed", **wrong)).content.decode()
        assert said in page and 'value="Typed"' in page
        assert roll(school) == []

    def test_is_nobodys_who_does_not_bring_learners_in(self, school) -> None:
        assert browser(make.staff("teacher", school)).get(ADD).status_code == 404
        assert Client().get(ADD).status_code == 302
