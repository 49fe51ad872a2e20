"""Whatever is edited, withdrawn, signed, corrected and redacted: every earlier review is shown as
it was signed, and every digest is that of its text."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from apps.common.exceptions import DomainError
from apps.learners import selectors as learners
from apps.reviews import selectors
from apps.reviews.actions import confirming, drafting, entry, filling, signoff, slips
from apps.reviews.canonical import canonical
from apps.reviews.models import Review, Statement
from apps.rights import redaction
from tests import factories as make
from tests.support import records

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("EXAMPLES", "8"))
WORDS = st.sampled_from(
    ["Sings beside Jamie.", "Counts to ten.", "Leaves the room.", "Jamie helps.", "Reads aloud."]
)
KINDS = st.sampled_from(["strength", "support", "outcome", "adaptation"])
WHICH = st.integers(0, 30)
TALK = {"no_conversation_because": "Not yet reached"}


class Reviews(RuleBasedStateMachine):
    """One record, through many reviews."""

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @initialize()
    def settle(self) -> None:
        self.school = make.setting()
        self.senco = make.staff("senco", self.school)
        self.head = make.staff("head", self.school)
        self.robin = make.learner(self.school)
        records.signed(self.senco, self.robin, self.school)
        self.seen: dict[int, list[tuple[str, str]]] = {}
        self.note_what_was_signed()

    def attempt(self, act: Any, **values: Any) -> Any:
        try:
            with transaction.atomic():
                done = act(by=make.acting_as(self.senco), **values)
        except DomainError as refused:
            event(f"{act.__name__}: {type(refused).__name__}")
            return None
        event(f"{act.__name__}: done")
        return done

    def review(self) -> Review:
        make.acting_as(self.senco)
        found = Review.objects.filter(learner=self.robin, state="open").first()
        return found or entry.open_interim(
            by=make.acting_as(self.senco), learner=self.robin, setting=self.school
        )

    def one(self, which: int) -> Statement:
        rows = Statement.objects.filter(learner=self.robin, withdrawn_no=None)
        rows = rows.exclude(kind="need").order_by("kind", "order", "id")
        return rows[which % rows.count()]

    @rule(kind=KINDS, words=WORDS)
    def adds(self, kind: str, words: str) -> None:
        values = {"kind": kind, "text": words}
        self.attempt(drafting.save_change, review_id=self.review().id, change="add", values=values)

    @rule(which=WHICH, words=WORDS)
    def puts_in_other_words(self, which: int, words: str) -> None:
        review, statement = self.review(), self.one(which)
        self.attempt(
            drafting.save_change,
            review_id=review.id,
            change="replace",
            statement_id=statement.id,
            values={"kind": statement.kind, "text": words},
        )

    @rule(which=WHICH)
    def withdraws(self, which: int) -> None:
        review, statement = self.review(), self.one(which)
        self.attempt(
            drafting.save_change, review_id=review.id, change="withdraw", statement_id=statement.id
        )

    @rule(which=WHICH, later=st.booleans())
    def moves(self, which: int, later: bool) -> None:
        review, statement = self.review(), self.one(which)
        self.attempt(filling.read_earlier, review_id=review.id, key=statement.id, later=later)

    @rule(which=WHICH)
    def is_still_true(self, which: int) -> None:
        review, statement = self.review(), self.one(which)
        self.attempt(confirming.say_still_true, review_id=review.id, statement_id=statement.id)

    @rule(unchanged=st.booleans())
    def signs_off(self, unchanged: bool) -> None:
        review = self.review()
        done = self.attempt(
            signoff.sign_off,
            review_id=review.id,
            version=None,
            nothing_changed=unchanged,
            **TALK,
        )
        if done:
            self.note_what_was_signed()

    @rule(which=WHICH, words=WORDS)
    def notes_a_slip(self, which: int, words: str) -> None:
        make.acting_as(self.senco)
        self.attempt(
            slips.note_slip,
            statement_id=self.one(which).id,
            should_say=words,
            because="Typing",
        )

    @rule()
    def redacts_another_child(self) -> None:
        proposed = self.attempt(
            redaction.propose,
            learner=self.robin,
            words="Jamie",
            ground="another child",
            because="Names another child",
        )
        if proposed is None:
            return
        redaction.agree(by=make.acting_as(self.head), decision_id=proposed.decision_id)
        make.acting_as(self.senco)
        self.seen = {n: self.of_text(n) for n in self.seen}

    def of_text(self, number: int) -> list[tuple[str, str]]:
        """What the text of a review says, in its order: key and words."""
        review = Review.objects.get(learner=self.robin, number=number)
        return [(s["id"], s["text"]) for s in json.loads(review.canonical)["statements"]]

    def note_what_was_signed(self) -> None:
        make.acting_as(self.senco)
        last = Review.objects.filter(learner=self.robin, state="signed off").order_by("-number")[0]
        self.seen[last.number or 0] = self.of_text(last.number or 0)

    @invariant()
    def every_review_is_shown_as_it_was_signed(self) -> None:
        by = make.acting_as(self.senco)
        sight = learners.sight(by, self.robin.id)
        for number, signed in self.seen.items():
            assert self.of_text(number) == signed
            shown = [(str(s.id), s.text) for s in selectors.at_review(by, sight, number)]
            assert sorted(shown) == sorted(signed)
            kinds = {str(s.id): s.kind for s in selectors.at_review(by, sight, number)}
            for kind in set(kinds.values()):
                assert [k for k, _ in shown if kinds[k] == kind] == [
                    k for k, _ in signed if kinds[k] == kind
                ]

    @invariant()
    def every_digest_is_that_of_its_text(self) -> None:
        make.acting_as(self.senco)
        for review in Review.objects.filter(learner=self.robin, state="signed off"):
            text, digest = canonical(json.loads(review.canonical))
            assert (text, digest) == (review.canonical, review.sha256)


def test_every_earlier_review_stays_as_it_was_signed() -> None:
    run_state_machine_as_test(
        Reviews,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            report_multiple_bugs=False,
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target],
            suppress_health_check=list(HealthCheck),
        ),
    )
