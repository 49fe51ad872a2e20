"""No save is lost and no words are (goal R9).

Many people save into one review at once, each with the version that they saw: every save that was
accepted is there, and whoever was too late was told. `THREADS` and `SAVES` choose the long form.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections, transaction
from django.test import Client

from apps.access import rls
from apps.access.grants import Actor
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Stale
from apps.reviews.actions import drafting
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import DraftChange, Kind, Review, Statement
from tests import factories as make
from tests.support.database import as_owner

THREADS = int(os.environ.get("THREADS", "8"))
SAVES = int(os.environ.get("SAVES", "5"))


def open_review() -> tuple[Actor, User, Review]:
    """A review that is open, and the SENCO who writes it."""
    school = make.setting(make.local_area())
    person = make.staff("senco", school)
    robin = make.learner(school)
    by = make.acting_as(person)
    put_on_register(
        by=by,
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
    )
    return by, person, Review.objects.get(learner=robin, state="open")


def test_every_accepted_save_is_there_and_whoever_was_late_was_told(
    fresh_database: str, record_property: Callable[[str, object], None]
) -> None:
    with transaction.atomic():
        by, _, review = open_review()
    barrier = threading.Barrier(THREADS)
    accepted: list[str] = []
    refused: list[str] = []
    broken: list[BaseException] = []

    def save(thread: int, number: int) -> None:
        words = f"Words {number} of {thread}"
        while True:
            with rls.acting(by):
                seen = Review.objects.values_list("version", flat=True).get(pk=review.id)
            if number == 0 and not refused:
                barrier.wait(timeout=60)
            try:
                with rls.acting(by):
                    drafting.save_change(
                        by=by,
                        review_id=review.id,
                        version=seen,
                        change="add",
                        values={"kind": Kind.STRENGTH.value, "text": words},
                    )
            except Stale:
                refused.append(words)
            else:
                accepted.append(words)
                return

    def saves(thread: int) -> None:
        try:
            for number in range(SAVES):
                save(thread, number)
        except BaseException as error:
            broken.append(error)
            barrier.abort()
        finally:
            connections.close_all()

    before = review.version
    threads = [threading.Thread(target=saves, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=300)
    assert not broken
    with transaction.atomic(), as_owner():
        there = [d.values["text"] for d in DraftChange.objects.filter(review=review)]
        review.refresh_from_db()
    record_property("saves accepted", len(accepted))
    record_property("late and told", len(refused))
    record_property("lost", len(set(accepted) - set(there)))
    assert sorted(there) == sorted(accepted)
    assert len(there) == THREADS * SAVES
    assert review.version - before == THREADS * SAVES
    assert refused, "nobody was ever late: the test did not test"


@pytest.mark.django_db
class TestWhoeverIsLate:
    """On a page the words stay, the other's are beside them, and the next save goes through."""

    @pytest.fixture
    def review(self) -> Review:
        self.by, person, review = open_review()
        self.browser = Client()
        self.browser.force_login(
            person, backend="allauth.account.auth_backends.AuthenticationBackend"
        )
        return review

    def somebody_saves(
        self, review: Review, statement: Statement | None = None, **values: Any
    ) -> None:
        drafting.save_change(
            by=self.by,
            review_id=review.id,
            change="replace" if statement else "add",
            values=values,
            statement_id=statement.id if statement else None,
        )

    def in_force(self, review: Review) -> Statement:
        return Statement.objects.create(
            record=review.record,
            learner=review.learner,
            kind="strength",
            text="Sings.",
            introduced_no=1,
        )

    def test_a_level(self, review: Review) -> None:
        address = f"/reviews/{review.id}/level/cognition-and-learning/"
        need = {
            "kind": "need",
            "area": "cognition-and-learning",
            "level": "universal",
            "text": "Theirs: reads well.",
        }
        self.somebody_saves(review, **need)
        mine = {"level": "universal", "text": "Mine: counts well.", "version": review.version}
        late = self.browser.post(address, mine)
        page = late.content.decode()
        assert late.status_code == 409
        assert "Mine: counts well." in page
        assert "Theirs: reads well." in page
        again = {**mine, "version": late.context["form"]["version"].value()}
        assert self.browser.post(address, again).status_code == 302

    def test_a_statement_in_force(self, review: Review) -> None:
        statement = self.in_force(review)
        address = f"/reviews/{review.id}/edit/{statement.id}/"
        self.somebody_saves(review, statement, kind="strength", text="Theirs: sings.")
        late = self.browser.post(address, {"text": "Mine: sings well.", "version": review.version})
        assert late.status_code == 409
        assert "Mine: sings well." in late.content.decode()
        assert "Theirs: sings." in late.content.decode()
        again = {
            "text": "Mine: sings well.",
            "version": late.context["form"]["version"].value(),
        }
        assert self.browser.post(address, again).status_code == 302

    def test_nobody_is_late_in_another_place(self, review: Review) -> None:
        address = f"/reviews/{review.id}/add/strength/"
        self.somebody_saves(review, kind="strength", text="Theirs.")
        mine = self.browser.post(address, {"text": "Mine.", "version": review.version})
        assert mine.status_code == 302
        with as_owner():
            texts = {d.values.get("text") for d in DraftChange.objects.filter(review=review)}
        assert {"Mine.", "Theirs."} <= texts

    def test_signing_off(self, review: Review) -> None:
        address = f"/reviews/{review.id}/sign-off/"
        self.somebody_saves(review, kind="strength", text="Theirs.")
        sent = {
            "spoke": "The family could not make the time offered",
            "version": review.version,
        }
        late = self.browser.post(address, sent)
        assert late.status_code == 409
        assert late.context["form"]["spoke"].value() == "The family could not make the time offered"
        assert "Theirs." in late.content.decode()
