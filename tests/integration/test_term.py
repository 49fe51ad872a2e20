"""A term's reviews: what lapses with the term before, and what goes into the next review."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.common import clock
from apps.reviews.actions import entry, signoff, term, voices
from apps.reviews.actions.drafting import save_change, save_progress
from apps.reviews.models import DraftChange, Kind, Review, Statement
from apps.settings import calendar
from apps.settings.calendar import CalendarTerm
from apps.settings.models import Setting
from apps.transitions.actions import delivery, planning
from apps.transitions.models import Delivery
from tests import factories as make
from tests.support import records
from tests.support.sight import browser

pytestmark = pytest.mark.django_db


def on(day: date) -> None:
    """It is this day."""
    with clock.shifted(0):
        days = (day - clock.today()).days
    records.days_pass(days)


def coming(nth: int = 0) -> CalendarTerm:
    """The next term, or the `nth` after it."""
    terms = calendar.terms_around(clock.today(), None)
    return [t for t in terms if t.starts_on > clock.today()][nth]


class Case:
    """A school whose SENCO keeps the record of Robin, three weeks into a term."""

    def __init__(self) -> None:
        on(coming().starts_on + timedelta(weeks=3))
        self.school = make.setting()
        self.senco = make.staff("senco", self.school)
        self.robin = make.learner(self.school)
        records.signed(self.senco, self.robin, self.school)

    def opens_interim(self) -> Review:
        by = make.acting_as(self.senco)
        return entry.open_interim(by=by, learner=self.robin, setting=self.school)

    def opens_term(self) -> int:
        return term.open_term(by=make.acting_as(self.senco), setting=self.school)

    def next_term(self) -> int:
        """The next term has begun, and the worker has been; returns how many reviews lapsed."""
        on(coming().starts_on)
        with rls.acting(grants.worker(self.school.id)) as worker:
            lapsed = term.lapse_ended(by=worker, setting=self.school)
        make.acting_as(self.senco)
        return lapsed

    def moves(self) -> Actor:
        """Robin starts at another school tomorrow, and it is tomorrow; its SENCO."""
        new = make.setting(self.school.local_area)
        move = planning.expect(
            by=make.acting_as(self.senco),
            learner=self.robin,
            kind="in-year",
            starts_on=clock.today() + timedelta(days=1),
            year_group=4,
            to_setting=new,
        )
        planning.share(by=make.acting_as(self.senco), transition_id=move.id)
        on(move.starts_on)
        with rls.acting(grants.worker()):
            waiting = list(Delivery.objects.order_by("work").values_list("pk", flat=True))
        for key in waiting:
            assert delivery.work(key)
        return make.acting_as(make.staff("senco", new))

    def open_review(self) -> Review:
        return Review.objects.get(learner=self.robin, state=Review.State.OPEN)

    def of(self, kind: str) -> Statement:
        return Statement.objects.filter(learner=self.robin, kind=kind, withdrawn_no=None)[0]

    def rewords(
        self, statement: Statement, text: str, seen: int | None = None, **values: str
    ) -> DraftChange:
        return save_change(
            by=make.acting_as(self.senco),
            review_id=self.open_review().id,
            change="replace",
            statement_id=statement.id,
            values={"kind": statement.kind, "text": text, **values},
            seen=seen,
        )

    def says(self, outcome: Statement, mark: str, note: str) -> None:
        by = make.acting_as(self.senco)
        review_id = self.open_review().id
        save_progress(by=by, review_id=review_id, marks={outcome.id: (mark, note)})

    def signs_off(self) -> Review:
        return signoff.sign_off(
            by=make.acting_as(self.senco),
            review_id=self.open_review().id,
            version=None,
            conversation_on=clock.today(),
        )


@pytest.fixture
def case() -> Case:
    return Case()


class TestWhatALapsedReviewLeaves:
    """Half-done work is never lost (domain.md, Life of a review)."""

    def test_drafts_and_views_go_into_the_term_s_reviews(self, case: Case) -> None:
        ed, fay = case.robin, make.learner(case.school)
        records.signed(case.senco, fay, case.school)
        case.next_term()
        assert case.opens_term() == 2
        for learner in (ed, fay):
            save_change(
                by=make.acting_as(case.senco),
                review_id=Review.objects.get(learner=learner, state="open").id,
                change="add",
                values={"kind": "strength", "text": f"Sings, {learner.id}."},
            )
            voices.contribute(by=make.acting_as(case.senco), learner=learner, harder="Loud rooms")
        assert case.next_term() == 2
        voices.contribute(by=make.acting_as(case.senco), learner=ed, harder="Between two terms")
        assert case.opens_term() == 2
        for learner, said in ((ed, 2), (fay, 1)):
            review = Review.objects.get(learner=learner, state="open")
            assert review.changes.get().values["text"] == f"Sings, {learner.id}."
            assert review.contributions.count() == said

    def test_and_into_an_interim_just_as_well(self, case: Case) -> None:
        case.next_term()
        case.opens_term()
        case.rewords(case.of(Kind.STRENGTH), "Builds towers")
        case.next_term()
        opened = case.opens_interim()
        assert opened.changes.get().values["text"] == "Builds towers"

    def test_the_newest_draft_of_a_statement_is_the_one_that_goes_on(self, case: Case) -> None:
        """Two lapsed reviews that each have one would meet in the next, which takes only one."""
        strength = case.of(Kind.STRENGTH)
        for words in ("Said in one term", "Said in the term after"):
            case.next_term()
            Review.objects.bulk_create([_term_review(case)])
            case.rewords(strength, words)
        case.next_term()
        assert case.opens_term() == 1
        assert case.open_review().changes.get().values["text"] == "Said in the term after"

    def test_nobody_is_late_for_what_came_over(self, case: Case) -> None:
        """What was saved in the old review has no say in the versions of the new one."""
        case.next_term()
        case.opens_term()
        for words in ("One", "Two", "Three"):
            case.rewords(case.of(Kind.STRENGTH), words)
        case.next_term()
        case.opens_term()
        shown = case.open_review().version
        assert case.rewords(case.of(Kind.STRENGTH), "Four", seen=shown).values["text"] == "Four"

    def test_how_far_outcomes_got_goes_on_and_is_signed(self, case: Case) -> None:
        case.next_term()
        case.opens_term()
        outcome = case.of(Kind.OUTCOME)
        case.says(outcome, "on track", "Two of three times, in maths")
        case.next_term()
        case.opens_term()
        came = case.open_review().progress.get()
        assert (came.mark, came.note) == ("on track", "Two of three times, in maths")
        signed = case.signs_off().progress.get(outcome=outcome)
        assert signed.mark == "on track"

    def test_what_was_said_of_an_outcome_later_stands(self, case: Case) -> None:
        outcome = case.of(Kind.OUTCOME)
        case.next_term()
        Review.objects.bulk_create([_term_review(case)])
        case.says(outcome, "not yet", "")
        case.next_term()
        Review.objects.bulk_create([_term_review(case)])
        case.says(outcome, "achieved", "Alone, every time")
        case.signs_off()
        assert not case.opens_interim().progress.exists()

    def test_an_area_judged_meanwhile_has_no_second_need(self, case: Case) -> None:
        """The first review lapsed with the move; what came back found the area judged elsewhere."""
        lapsed = _term_review(case, state=Review.State.LAPSED, opened_at=clock.now())
        Review.objects.bulk_create([lapsed])
        need = case.of(Kind.NEED)
        assert need.area
        values = {"kind": "need", "area": need.area.code, "level": "mild", "text": "Drafted once"}
        DraftChange.objects.create(
            review=lapsed, learner=case.robin, change="add", values=values, made_at=clock.now()
        )
        case.next_term()
        assert not case.opens_interim().changes.exists()

    def test_an_entry_is_signed_without_what_was_begun_before(self, case: Case) -> None:
        """It says one thing of one area: drafts wait for the full review that follows it."""
        case.robin = make.learner(case.school)
        records.signed_briefly(case.senco, case.robin, case.school)
        case.opens_interim()
        need = Statement.objects.get(learner=case.robin, level__code="mild")
        assert need.area
        values = {"area": need.area.code, "level": "universal"}
        case.rewords(need, "Met by what every learner gets", **values)
        case.signs_off()
        case.opens_interim()
        save_change(
            by=make.acting_as(case.senco),
            review_id=case.open_review().id,
            change="add",
            values={"kind": "strength", "text": "Sings"},
        )
        case.next_term()
        case.next_term()
        records.listed(case.senco, case.robin, case.school)
        signed = Review.objects.get(learner=case.robin, number=4)
        assert "Sings" not in signed.canonical
        assert case.open_review().changes.get().values["text"] == "Sings"


class TestAfterAMoveInTheMiddleOfATerm:
    """At a move contributions travel, drafts stay (domain.md, Life of a review)."""

    def test_the_new_school_opens_the_term_s_review_and_finds_the_views(self, case: Case) -> None:
        case.next_term()
        case.opens_term()
        case.rewords(case.of(Kind.STRENGTH), "Half written at the school before")
        voices.contribute(by=make.acting_as(case.senco), learner=case.robin, harder="Loud rooms")
        by = case.moves()
        assert not Review.objects.filter(state=Review.State.OPEN).exists()
        assert term.open_term(by=by, setting=_setting_of(by)) == 1
        review = case.open_review()
        assert review.contributions.get().harder == "Loud rooms"
        assert not review.changes.exists()

    def test_a_first_review_that_begins_again_has_the_views_of_the_one_before(
        self, case: Case
    ) -> None:
        case.robin = make.learner(case.school)
        records.listed(case.senco, case.robin, case.school)
        voices.contribute(by=make.acting_as(case.senco), learner=case.robin, harder="Loud rooms")
        case.moves()
        review = case.open_review()
        assert review.kind == Review.Kind.FIRST
        assert review.contributions.get().harder == "Loud rooms"

    def test_a_review_that_the_school_before_signed_is_the_term_s(self, case: Case) -> None:
        case.next_term()
        case.opens_term()
        case.signs_off()
        by = case.moves()
        assert term.open_term(by=by, setting=_setting_of(by)) == 0


class TestBetweenTwoTerms:
    """An interim open at term start becomes the termly one; a holiday is for the coming term."""

    def test_an_interim_open_as_the_term_begins_becomes_the_term_s(self, case: Case) -> None:
        interim = case.opens_interim()
        assert case.next_term() == 0
        interim.refresh_from_db()
        now = calendar.term_on(clock.today(), case.school)
        assert (interim.state, interim.kind) == ("open", "termly")
        assert (interim.year, interim.term) == now.key
        assert now.reviews_start_on <= interim.due_on < now.reviews_end_on
        assert case.opens_term() == 0, "it is the term's review"
        assert case.next_term() == 1, "and lapses with it"

    def test_so_does_one_that_was_opened_in_the_holiday(self, case: Case) -> None:
        on(coming().starts_on - timedelta(days=2))
        interim = case.opens_interim()
        assert case.next_term() == 0
        interim.refresh_from_db()
        assert (interim.state, interim.kind) == ("open", "termly")

    def test_it_stays_an_interim_beside_the_term_s_review(self, case: Case) -> None:
        on(coming().starts_on - timedelta(days=2))
        case.opens_term()
        case.signs_off()
        interim = case.opens_interim()
        assert case.next_term() == 0
        interim.refresh_from_db()
        assert (interim.state, interim.kind) == ("open", "interim")

    def test_in_a_holiday_the_coming_term_s_reviews_open(self, case: Case) -> None:
        next_term = coming()
        on(next_term.starts_on - timedelta(days=1))
        page = browser(case.senco).get("/reviews/").content.decode()
        assert f"{next_term.term} term" in page
        assert case.opens_term() == 1
        review = case.open_review()
        assert (review.year, review.term) == next_term.key
        assert review.due_on >= next_term.reviews_start_on
        assert case.next_term() == 0
        assert case.opens_term() == 0

    def test_a_half_term_holiday_is_of_its_term(self, case: Case) -> None:
        now = calendar.term_on(clock.today(), None)
        for day in (now.starts_on, now.half_term_starts_on, now.ends_on - timedelta(days=1)):
            assert calendar.term_to_open(day, None) == now
        assert calendar.term_to_open(now.ends_on, None) == coming()


def _setting_of(by: Actor) -> Setting:
    """The setting for which somebody acts."""
    return Setting.objects.get(pk=by.organisation_id)


def _term_review(case: Case, **values: object) -> Review:
    """This term's review as it was opened before drafts went into every kind of review."""
    now = calendar.term_on(clock.today(), case.school)
    earlier = Review.objects.filter(learner=case.robin).latest("opened_at")
    return Review(
        record=earlier.record,
        learner=case.robin,
        setting=case.school,
        framework=earlier.framework,
        year=now.year,
        term=now.term.value,
        **{"kind": Review.Kind.TERMLY, "due_on": now.starts_on, "opened_at": clock.now(), **values},
    )
