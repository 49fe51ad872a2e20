"""A term in a school of 1,400 with 230 on the register: opened by one button, twenty walked as a
queue, with conflicts, a lost connection and a dead browser on the way. Nothing typed is lost."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction
from playwright.sync_api import Page, expect

from apps.jobs import actions as jobs
from apps.learners.models import Enrolment, Learner
from apps.reviews.actions import drafting
from apps.reviews.models import DraftChange, Review, Statement
from tests import factories as make
from tests.browser.conftest import axe
from tests.browser.hands import Mouse
from tests.support import records
from tests.support.database import as_owner
from tests.support.processes import celery_worker

ROLL, LISTED, WALKED = 1400, 230, 20
# What happens to each of the twenty, in turn.
CONFLICTS, LOST_CONNECTION, DEAD_BROWSER = (2, 5, 8, 11, 14), 6, 9


class Term:
    """The school, the SENCO, an assistant who writes at the same time, and what they typed."""

    def __init__(self) -> None:
        with transaction.atomic():
            self.school = make.setting(roll=ROLL)
            self.senco = make.staff("senco", self.school)
            make.staff("teacher", self.school, whole_setting=True)
            self.assistant = make.staff("assistant-senco", self.school)
            self.typed: list[tuple[Any, str]] = []
            for n in range(LISTED):
                learner = make.learner(self.school, year_group=n % 7, known_given=f"Ada{n:03}")
                if n < WALKED:
                    records.signed(self.senco, learner, self.school)
                else:
                    records.signed_briefly(self.senco, learner, self.school)
            self.fill_the_roll()
            records.days_pass(130)

    def fill_the_roll(self) -> None:
        """The others of the school, who are on no register."""
        with as_owner():
            others = [
                Learner(
                    legal_given=f"Pupil{n}",
                    legal_family="Roll",
                    known_given=f"Pupil{n}",
                    known_family="Roll",
                    date_of_birth="2016-03-01",
                )
                for n in range(ROLL - LISTED)
            ]
            Learner.objects.bulk_create(others)
            Enrolment.objects.bulk_create(
                [
                    Enrolment(
                        learner=learner, setting=self.school, kind="main", year_group=3,
                        starts_on="2025-09-01",
                    )
                    for learner in others
                ]
            )  # fmt: skip

    def somebody_else_changes(self, review: Review, statement: Statement, words: str) -> None:
        with transaction.atomic():
            drafting.save_change(
                by=make.acting_as(self.assistant),
                review_id=review.id,
                change="replace",
                statement_id=statement.id,
                values={"kind": statement.kind, "text": words},
            )

    def note(self, learner_id: Any, words: str) -> None:
        self.typed.append((learner_id, words))


def open_term(page: Page, database: str) -> None:
    """One button; progress is seen, the page is left, and coming back finds all of it done."""
    page.goto("/reviews/")
    page.get_by_role("button", name="Open this term's reviews").click()
    expect(page.get_by_text(f"Learners done: 0 of {LISTED}.")).to_be_visible()
    job = UUID(page.url.split("/")[-2])
    jobs._some(job)
    some = f"{jobs.AT_A_TIME} of {LISTED}."
    expect(page.get_by_text(f"Learners done: {some}")).to_be_visible()  # the page asks again itself
    page.goto("/reviews/")
    Mouse().click(page.get_by_role("button", name="Open this term's reviews"))
    assert page.url.endswith(f"/jobs/{job}/")  # a second press leads to the one that runs
    page.goto("/home/")
    expect(page.get_by_text(f"Opening reviews: {some}")).to_be_visible()
    with celery_worker(LEARNER_RECORD_TEST_DATABASE=database):
        jobs.sweep()
        page.get_by_role("link", name="See how far it is").click()
        expect(page.get_by_text(f"{LISTED} reviews opened.")).to_be_visible(timeout=20_000)
        assert page.url.endswith("/reviews/")
        ask_about_some(page)


def ask_about_some(page: Page) -> None:
    """Two of the register are ticked; the page before says whom that asks."""
    page.goto("/register/")
    for number in range(2):
        page.get_by_role("checkbox").nth(number).check()
    page.get_by_role("button", name="Ask for views").click()
    expect(page.get_by_text("2 of the 2 learners you chose have a review open.")).to_be_visible()
    expect(page.get_by_text("Teacher or support staff: 1 person")).to_be_visible()
    assert axe(page) == []
    page.get_by_role("button", name="Ask for views").click()
    expect(page.get_by_text("2 views asked for.")).to_be_visible(timeout=20_000)


def test_a_term_is_walked_as_a_queue_and_nothing_typed_is_lost(
    live, fresh_database, sign_in
) -> None:
    term = Term()
    page = sign_in(term.senco)
    open_term(page, fresh_database)
    expect(page.locator(".lr-term").first).to_be_visible()
    with transaction.atomic(), as_owner():
        opened = Review.objects.filter(setting=term.school, state="open", kind="termly")
        assert opened.count() == LISTED
        whole = Statement.objects.filter(kind="outcome").values("learner_id")
        rows = opened.filter(learner_id__in=whole).order_by("due_on", "learner__name_key")
        queue = list(rows.select_related("learner"))

    for number, review in enumerate(queue):
        if number % 4 == 0:
            nothing_changed(page, review)
        else:
            page = some_things_change(term, page, sign_in, number, review)

    with transaction.atomic(), as_owner():
        signed = Review.objects.filter(pk__in=[r.pk for r in queue], state="signed off")
        assert signed.count() == WALKED
        for learner_id, words in term.typed:
            assert Statement.objects.filter(learner_id=learner_id, text=words).exists(), words
        assert not DraftChange.objects.filter(review__state="open").exists()
        assert opened.count() == LISTED - WALKED
    assert len(term.typed) == WALKED - WALKED // 4


def nothing_changed(page: Page, review: Review) -> None:
    """Read, one button, and the next learner is there."""
    page.goto(f"/reviews/{review.id}/unchanged/")
    page.get_by_label("Not yet: one is offered").check()
    page.get_by_role("button", name="Still true").click()
    expect(page.get_by_text("review is signed off")).to_be_visible()


def some_things_change(term: Term, page: Page, sign_in: Any, number: int, review: Review) -> Page:
    """A support in other words, in its place, whatever happens meanwhile; then sign off."""
    with transaction.atomic(), as_owner():
        rows = Statement.objects.filter(learner=review.learner, kind="support", withdrawn_no=None)
        statement = rows.order_by("order")[0]
    words = f"Language group, {number} times a term"
    page.goto(f"/reviews/{review.id}/")
    section = page.locator("#section-support")
    section.locator(f"#place-{statement.id}").get_by_role("link", name="Change or end").click()
    box = section.get_by_label("In plain words")
    box.fill(words)
    save = section.get_by_role("button", name="Save", exact=True)
    if number == DEAD_BROWSER:
        expect(page.get_by_text("What you have typed is kept.")).to_be_visible()
        page.context.close()  # as a crash does: no event runs
        page = sign_in(term.senco)
        page.goto(f"/reviews/{review.id}/")
        page.get_by_role("link", name="What you typed on").click()
        box, save = page.get_by_label("In plain words"), page.get_by_role("button", name="Save")
        expect(box).to_have_value(words)
    if number == LOST_CONNECTION:
        page.context.set_offline(True)
        save.click()
        expect(page.get_by_text("there is no connection")).to_be_visible()
        expect(box).to_have_value(words)
        page.context.set_offline(False)
    if number in CONFLICTS:
        theirs = f"Language group with somebody else, {number}"
        term.somebody_else_changes(review, statement, theirs)
        save.click()
        expect(page.get_by_text("Somebody else saved this review").first).to_be_visible()
        expect(page.get_by_text(theirs)).to_be_visible()
        expect(section.get_by_label("In plain words")).to_have_value(words)
        save = section.get_by_role("button", name="Save", exact=True)
    save.click()
    expect(page.get_by_text("Changed", exact=True).first).to_be_visible()
    term.note(review.learner_id, words)
    rest = page.get_by_role("button", name="All the rest is still true")
    rest.click()
    expect(rest).to_have_count(0)
    page.get_by_role("button", name="Check and sign off").click()
    page.get_by_label("Not yet: one is offered").check()
    page.get_by_role("button", name="Sign off and go to the next").click()
    expect(page.get_by_text("review is signed off")).to_be_visible()
    return page
