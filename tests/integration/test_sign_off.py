"""Sign-off: what it says of outcomes nobody looked at, and who leaves the register by it."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from apps.accounts.models import User
from apps.common import clock
from apps.notifications.models import Notification
from apps.reviews import look_again
from apps.reviews.actions import entry, filling, signoff
from apps.reviews.actions.drafting import save_change, save_progress
from apps.reviews.actions.rounds import answer_round
from apps.reviews.actions.supports import check_support
from apps.reviews.models import Kind, Review, Statement
from apps.settings import calendar
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner
from tests.support.sight import browser

pytestmark = pytest.mark.django_db

AREA = "communication-and-interaction"


class Case:
    """Robin, whose record is written and signed by the SENCO."""

    def __init__(self) -> None:
        self.school = make.setting()
        self.senco = make.staff("senco", self.school)
        self.teacher = make.staff("teacher", self.school, whole_setting=True)
        self.robin = make.learner(self.school)
        records.signed_briefly(self.senco, self.robin, self.school)

    def opens(self) -> Review:
        by = make.acting_as(self.senco)
        return entry.open_interim(by=by, learner=self.robin, setting=self.school)

    def adds(self, review: Review, kind: str, text: str, **values: str) -> None:
        save_change(
            by=make.acting_as(self.senco),
            review_id=review.id,
            change="add",
            values={"kind": kind, "text": text, **values},
        )

    def signs(self, review: Review) -> Review:
        return signoff.sign_off(
            by=make.acting_as(self.senco),
            review_id=review.id,
            version=None,
            conversation_on=clock.today(),
        )

    def outcome_with_supports(self, **support: str) -> Statement:
        """An outcome and two supports, signed; the outcome."""
        review = self.opens()
        self.adds(review, "outcome", "Follow two-part instructions", area=AREA)
        for text in ("Language group", "Talk partner"):
            self.adds(review, "support", text, area=AREA, **support)
        self.signs(review)
        return Statement.objects.get(learner=self.robin, kind=Kind.OUTCOME)

    def supports(self) -> list[Statement]:
        make.acting_as(self.teacher)
        found = Statement.objects.filter(learner=self.robin, kind=Kind.SUPPORT, withdrawn_no=None)
        return list(found.order_by("text"))

    def leaves_the_register(self) -> Review:
        """The one need above universal is met by what every learner gets."""
        review = self.opens()
        need = Statement.objects.get(learner=self.robin, level__code="mild", withdrawn_no=None)
        save_change(
            by=make.acting_as(self.senco),
            review_id=review.id,
            change="replace",
            statement_id=need.id,
            values={
                "kind": "need",
                "area": AREA,
                "level": "universal",
                "text": filling.UNIVERSAL,
            },
        )
        return self.signs(review)

    def told(self, person: User) -> str:
        with as_owner():
            of = Notification.objects.filter(recipient_id=person.id, kind="record updated")
            return of.latest("created_at").text

    def to_look_at_again(self) -> list[str]:
        term = calendar.term_on(clock.today(), self.school)
        rows = look_again.left_before(make.acting_as(self.senco), self.school.id, term)
        return [str(row.learner) for row in rows]


@pytest.fixture
def case() -> Case:
    return Case()


def next_term() -> None:
    """It is the first day of the next term."""
    terms = calendar.terms_around(clock.today(), None)
    starts = next(t.starts_on for t in terms if t.starts_on > clock.today())
    on(starts)


def on(day: date) -> None:
    """It is this day."""
    with clock.shifted(0):
        days = (day - clock.today()).days
    records.days_pass(days)


class TestAnOutcomeNobodyLookedAt:
    """Not known, because; and what came in about the support for it."""

    def note(self, review: Review, outcome: Statement) -> str:
        said = review.progress.get(outcome=outcome)
        assert said.mark == "not known"
        (signed,) = json.loads(review.canonical)["progress"]
        assert signed["note"] == said.note
        return said.note

    def test_says_so(self, case: Case) -> None:
        outcome = case.outcome_with_supports()
        assert self.note(case.signs(case.opens()), outcome) == "Not looked at this term"

    def test_with_the_checks_of_its_area_s_supports(self, case: Case) -> None:
        outcome = case.outcome_with_supports()
        group, partner = case.supports()
        by = make.acting_as(case.teacher)
        check_support(by=by, statement_id=group.id, answer="as planned")
        check_support(by=by, statement_id=partner.id, answer="partly", why="Mrs Day was ill")
        note = self.note(case.signs(case.opens()), outcome)
        assert note == (
            "Not looked at this term. Support in the same area, checked: as planned 1, partly 1"
        )

    def test_and_how_they_work_in_class(self, case: Case) -> None:
        outcome = case.outcome_with_supports()
        review = case.opens()
        keys = [s.id for s in case.supports()]
        seen = dict.fromkeys(keys, ("works", ""))
        answer_round(by=make.acting_as(case.teacher), learner=case.robin, seen=seen)
        note = self.note(case.signs(review), outcome)
        assert note.endswith("checked: as planned 2; in class: works 2")

    def test_also_where_the_form_was_saved_without_an_answer(self, case: Case) -> None:
        outcome = case.outcome_with_supports()
        check_support(
            by=make.acting_as(case.teacher),
            statement_id=case.supports()[0].id,
            answer="as planned",
        )
        review = case.opens()
        by = make.acting_as(case.senco)
        save_progress(by=by, review_id=review.id, marks={outcome.id: ("not known", "")})
        assert self.note(case.signs(review), outcome).endswith("checked: as planned 1")

    def test_nothing_of_a_support_that_only_staff_read(self, case: Case) -> None:
        outcome = case.outcome_with_supports(audience="staff", audience_reason="Safeguarding")
        group = case.supports()[0]
        check_support(by=make.acting_as(case.teacher), statement_id=group.id, answer="as planned")
        assert self.note(case.signs(case.opens()), outcome) == "Not looked at this term"

    def test_what_was_said_of_it_stands(self, case: Case) -> None:
        outcome = case.outcome_with_supports()
        group = case.supports()[0]
        check_support(by=make.acting_as(case.teacher), statement_id=group.id, answer="as planned")
        review = case.opens()
        by = make.acting_as(case.senco)
        save_progress(by=by, review_id=review.id, marks={outcome.id: ("some", "Twice alone")})
        assert case.signs(review).progress.get(outcome=outcome).note == "Twice alone"


class TestWhoLeavesTheRegister:
    """A look again next term; the family is told how to come back (domain.md, sign-off)."""

    def test_is_on_the_senco_s_home_page_next_term(self, case: Case) -> None:
        case.leaves_the_register()
        left_on = f"{clock.today():%-d %B %Y}"
        assert case.to_look_at_again() == []
        next_term()
        assert case.to_look_at_again() == [str(case.robin)]
        page = browser(case.senco).get("/home/").content.decode()
        assert "Look again" in page and f"left the register on {left_on}" in page

    def test_until_somebody_looks(self, case: Case) -> None:
        parent = make.parent(case.robin)
        case.leaves_the_register()
        next_term()
        review = case.opens()
        assert case.to_look_at_again() == []
        on(clock.today() + timedelta(days=1))
        case.signs(review)
        assert case.to_look_at_again() == []
        assert "was updated" in case.told(parent), "they had left before"

    def test_or_they_are_back(self, case: Case) -> None:
        case.leaves_the_register()
        next_term()
        records.listed(case.senco, case.robin, case.school)
        assert case.to_look_at_again() == []

    def test_is_no_other_school_s_to_look_at(self, case: Case) -> None:
        case.leaves_the_register()
        next_term()
        other = make.setting()
        by = make.acting_as(make.staff("senco", other))
        term = calendar.term_on(clock.today(), other)
        for place in (other, case.school):
            assert not look_again.left_before(by, place.id, term).exists()

    def test_reads_words_for_them_and_the_family_others(self, case: Case) -> None:
        parent, robin = make.parent(case.robin), make.user("Robin")
        make.parent(case.robin, user=robin)
        with as_owner():
            case.robin.family.filter(user=robin).update(relation="self")
        case.leaves_the_register()
        assert case.told(parent).startswith("The support your child needs is now")
        assert case.told(robin).startswith("The support you need is now")
        for person in (parent, robin):
            assert "next term" in case.told(person) and "at any time" in case.told(person)
