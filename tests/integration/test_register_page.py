"""The register: filters that combine, columns, saved views, and acts on several at once."""

from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest
from django.test import Client

from apps.audit.models import AccessEntry, Event
from apps.common import clock
from apps.formats import workbooks
from apps.jobs import actions as jobs
from apps.learners.models import CensusCode
from apps.register.models import SavedView
from apps.reviews import registers
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Meeting, Review
from apps.settings import calendar
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


class Case:
    """A school with four on its register."""

    def __init__(self) -> None:
        self.school = make.setting()
        self.senco = make.staff("senco", self.school)
        self.learners = {}
        for name, year, area, level in (
            ("Ada", 3, "cognition-and-learning", "mild"),
            ("Bo", 3, "communication-and-interaction", "moderate"),
            ("Cy", 5, "communication-and-interaction", "mild"),
            ("Di", 6, "cognition-and-learning", "moderate"),
        ):
            learner = make.learner(self.school, year_group=year, known_given=name, legal_given=name)
            self.learners[name] = learner
            put_on_register(
                by=make.acting_as(self.senco),
                learner=learner,
                setting=self.school,
                area=area,
                level=level,
                evidence=Evidence("Seen", "class", clock.today(), "Mr Ray"),
            )

    def names(self, **filters: str) -> list[str]:
        by = make.acting_as(self.senco)
        now = calendar.term_on(clock.today(), self.school)
        rows = registers.chosen(by, self.school.id, registers.Filters(**filters), now)
        return [r["learner__known_given"] for r in rows]

    def browser(self) -> Client:
        client = Client()
        client.force_login(
            self.senco, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return client


@pytest.fixture
def case() -> Case:
    return Case()


def test_filters_combine(case: Case) -> None:
    assert case.names() == ["Ada", "Bo", "Cy", "Di"]
    assert case.names(year="3") == ["Ada", "Bo"]
    assert case.names(year="3", area="communication-and-interaction") == ["Bo"]
    assert case.names(level="moderate") == ["Bo", "Di"]
    assert case.names(area="cognition-and-learning", level="moderate") == ["Di"]
    assert case.names(review="open", since="term") == ["Ada", "Bo", "Cy", "Di"]
    assert case.names(review="none") == case.names(plan="yes") == case.names(also="here") == []
    assert case.names(sort="level") == ["Bo", "Di", "Ada", "Cy"]
    assert case.names(area="no-such-area") == []


def test_families_not_spoken_with_this_term_are_counted_at_home_and_found(case: Case) -> None:
    assert case.names(family="met") == []
    desk = case.browser()
    assert "<b>4</b> families not spoken with yet" in desk.get("/home/").content.decode()
    with as_owner():
        Meeting.objects.create(
            learner=case.learners["Ada"],
            setting=case.school,
            state="held",
            held_on=clock.today(),
            agreed="A quiet start to the day.",
            invited=[],
            times=[],
            how="phone",
            offered_at=clock.now(),
            offered_by_name="Sue Grant",
        )
        first = Review.objects.filter(learner=case.learners["Bo"], state="open")
        first.update(conversation_on=clock.today())
    assert case.names(family="met") == ["Ada", "Bo"]
    assert case.names(family="unmet") == ["Cy", "Di"]
    records.days_pass(130)
    assert case.names(family="met") == []
    page = desk.get("/register/?family=unmet").content.decode()
    assert "Not spoken with yet" in page


def test_an_area_that_nobody_has_judged_is_not_universal(case: Case) -> None:
    """Absence never means universal (domain.md)."""
    assert case.names(level="universal") == []
    page = case.browser().get("/register/").content.decode()
    assert page.count("2 not described yet") == 2  # the areas of Ada and Di, and of Bo and Cy
    assert page.count("4 not described yet") == 2
    assert "Communication: not described yet" in page
    assert "Communication: Universal" not in page


def test_the_banner_says_year_and_class(case: Case) -> None:
    with as_owner():
        case.learners["Ada"].enrolments.update(class_name="Oak")
    page = case.browser().get(f"/learners/{case.learners['Ada'].id}/").content.decode()
    assert "<li>Year 3, Oak</li>" in page


def test_a_support_is_found_by_its_words(case: Case) -> None:
    robin = make.learner(case.school, known_given="Ed")
    records.signed(case.senco, robin, case.school)
    assert case.names(support="talk PARTNER") == ["Ed"]


def test_a_name_that_is_nearly_right_is_offered(case: Case) -> None:
    make.learner(case.school, known_given="Thackray", legal_given="Thackray")
    browser = case.browser()
    page = browser.post("/register/", {"words": "Adda"}).content.decode()
    assert "Did you mean" in page and f"/learners/{case.learners['Ada'].id}/" in page
    assert "Did you mean" not in browser.post("/register/", {"words": "Zzyzx"}).content.decode()
    page = browser.post("/register/add/", {"words": "Thackery"}).content.decode()
    assert "Did you mean" in page and "Thackray" in page
    page = browser.post("/register/add/", {"words": "Adda"}).content.decode()
    assert "Ada" not in page.replace("Adda", ""), "on the register already"
    with as_owner():
        seen = AccessEntry.objects.filter(learner_ids__contains=[case.learners["Ada"].id])
        assert seen.filter(what="register").exists()


@pytest.mark.parametrize("sort", ["name", "level", "year", "review"])
def test_every_order_goes_on_after_the_last_row(case: Case, sort: str, monkeypatch) -> None:
    monkeypatch.setattr(registers, "PAGE", 1)
    by = make.acting_as(case.senco)
    now = calendar.term_on(clock.today(), case.school)
    seen, after = [], ""
    while True:
        filters = registers.Filters(sort=sort, after=after)
        rows = registers.register_rows(by, case.school.id, filters, now)
        seen.append(rows[0]["learner__known_given"])
        if len(rows) == 1:
            break
        after = str(rows[0]["id"])
    assert seen == case.names(sort=sort)


def test_columns_are_those_that_were_chosen(case: Case) -> None:
    with as_owner():
        CensusCode.objects.create(
            learner=case.learners["Bo"], setting=case.school, code="K", starts_on="2025-09-01"
        )
    page = case.browser().get("/register/?columns=census&columns=born").content.decode()
    ticked = case.browser().get("/register/?year=3").context["form"]["columns"].value()
    assert ticked == list(registers.USUAL)
    assert ">Census code</th>" in page and ">K</td>" in page and ">Since</th>" not in page


def test_what_narrows_it_is_a_form_when_asked_for(case: Case) -> None:
    browser = case.browser()
    assert browser.get("/register/").context["form"] is None
    asked = browser.get("/register/?narrow=yes")
    assert [year for year, _ in asked.context["form"].fields["year"].choices] == ["", "3", "5", "6"]
    assert asked.context["query"] == "", "asking for the form narrows nothing"


class TestSavedViews:
    def test_are_kept_under_a_name_and_shown(self, case: Case) -> None:
        browser = case.browser()
        browser.post("/register/views/?year=3&sort=level", {"name": "Year 3"})
        page = browser.get("/register/").content.decode()
        assert "Year 3</a>" in page and "year=3&amp;sort=level" in page

    def test_are_one_s_own(self, case: Case) -> None:
        case.browser().post("/register/views/?year=3", {"name": "Mine"})
        make.acting_as(make.staff("senco", case.school))
        assert not SavedView.objects.exists()

    def test_are_taken_out(self, case: Case) -> None:
        case.browser().post("/register/views/?year=3", {"name": "Mine"})
        make.acting_as(case.senco)
        case.browser().post("/register/views/", {"drop": SavedView.objects.get().id})
        make.acting_as(case.senco)
        assert not SavedView.objects.exists()

    def test_without_a_name_says_so(self, case: Case) -> None:
        answer = case.browser().post("/register/views/?year=3", {"name": " "})
        assert answer.status_code == 400
        assert "Enter a name" in answer.content.decode()


class TestSeveralAtOnce:
    def post(self, case: Case, query: str = "", **values):
        browser = case.browser()
        browser.post("/sign-in/again/", {"password": make.PASSWORD})
        return browser.post(f"/register/selected/{query}", values)

    def test_taking_the_list_out_asks_again_who_one_is(self, case: Case) -> None:
        answer = case.browser().post("/register/selected/", {"act": "csv", "of": "all"})
        assert answer.url.startswith("/sign-in/again/")

    def test_and_goes_on_with_what_was_chosen_filters_too(self, case: Case) -> None:
        browser = case.browser()
        asked = browser.post("/register/selected/?year=3", {"act": "csv", "of": "all"})
        answer = browser.post(asked.url, {"password": make.PASSWORD})
        assert answer.headers["Content-Type"].startswith("text/csv")
        assert answer.content.count(b"\r\n") == 3

    def test_the_list_goes_out_as_csv_and_as_a_workbook_and_the_log_says_so(
        self, case: Case
    ) -> None:
        answer = self.post(case, "?year=3", act="csv", of="all")
        text = answer.content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        assert [r["Given name"] for r in rows] == ["Ada", "Bo"]
        book = self.post(case, act="xlsx", of="all").content
        assert len(list(workbooks.lines(book))) == 5
        with as_owner():
            taken = Event.objects.filter(action="register taken out").order_by("at")
            assert [e.detail["learners"] for e in taken] == [2, 4]
            di = [case.learners["Di"].id]
            listed = AccessEntry.objects.filter(learner_ids__contains=di, what="register")
            assert listed.count() == 1

    def test_only_those_that_are_ticked(self, case: Case) -> None:
        who = [case.learners["Cy"].id]
        answer = self.post(case, act="csv", of="ticked", who=who)
        assert answer.content.count(b"\r\n") == 2

    def test_a_stranger_s_learner_is_not_among_them(self, case: Case) -> None:
        other = Case()
        who = [other.learners["Ada"].id, case.learners["Ada"].id]
        answer = self.post(case, act="csv", of="ticked", who=who)
        assert answer.content.count(b"\r\n") == 2

    def test_with_nobody_ticked_says_so(self, case: Case) -> None:
        answer = self.post(case, act="csv", of="ticked")
        assert answer.status_code == 400
        page = answer.content.decode()
        assert "Tick at least one" in page
        assert "Additional-needs register" in page
        assert 'name="who"' in page
        assert 'href="?' not in page  # this address takes no questions

    def test_reviews_are_opened_for_those_alone(self, case: Case) -> None:
        for name in ("Ed", "Flo"):
            learner = make.learner(case.school, known_given=name, legal_given=name)
            records.signed(case.senco, learner, case.school)
            case.learners[name] = learner
        records.days_pass(130)
        answer = self.post(case, act="open reviews", of="ticked", who=[case.learners["Ed"].id])
        jobs.work(UUID(answer.url.split("/")[2]))
        make.acting_as(case.senco)
        opened = Review.objects.filter(state="open", kind="termly")
        assert [r.learner_id for r in opened] == [case.learners["Ed"].id]


def test_who_is_new_and_who_left_and_why(case: Case) -> None:
    page = case.browser().get("/register/turnover/").content.decode()
    assert "New this term (4)" in page and "Left this term, and why (0)" in page


def test_where_census_codes_and_register_differ(case: Case) -> None:
    not_listed = make.learner(case.school, known_given="Eve", legal_given="Eve")
    with as_owner():
        for learner, code in ((case.learners["Bo"], "K"), (not_listed, "K")):
            CensusCode.objects.create(
                learner=learner, setting=case.school, code=code, starts_on="2025-09-01"
            )
    page = case.browser().get("/register/census/").content.decode()
    assert "Eve" in page and "Not on the register, and the code says SEN provision" in page
    assert "Ada" in page and "Bo " not in page


def test_what_narrows_the_list_is_said_above_it_and_taken_away_one_by_one(case: Case) -> None:
    page = case.browser().get("/register/?year=3&level=mild&columns=year").content.decode()
    assert "Year group: Year 3" in page
    assert "Level: Mild" in page
    assert 'href="?year=3&amp;columns=year#learners"' in page
    assert "Columns:" not in page
    everyone = case.browser().get("/register/?narrow=yes").content.decode()
    assert "Take away the filter" not in everyone
