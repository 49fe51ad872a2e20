"""Whatever changes after a record was shared, in whatever order and however often a worker is rung:
the last package says what is so, each says something new, and none loses a document that it names.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path
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

from apps.common import clock
from apps.common.exceptions import DomainError
from apps.documents import actions as documents
from apps.documents import store
from apps.documents.models import Document
from apps.reviews.actions import signoff, slips
from apps.reviews.models import Slip, Statement
from apps.reviews.slips import corrected
from apps.transitions.actions import delivery, planning
from apps.transitions.models import Delivery, Package, Transition
from apps.transitions.package import verify
from tests import factories as make
from tests.properties.test_handovers import moving
from tests.properties.test_lives import EXAMPLES
from tests.support import records
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

WHICH = st.integers(0, 9)


class Changes(RuleBasedStateMachine):
    """One record that was shared, and goes on changing."""

    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        """At rest the last package says what is so now."""
        try:
            while self.waiting():
                self.a_worker_is_rung(0, 1)
            with as_owner():
                self.the_last_package_says_what_is_so()
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)

    @initialize()
    def settle(self) -> None:
        self.school, self.high = make.setting(), make.setting()
        self.robin, self.move = moving(self.school, self.high, 90)
        self.senco = make.staff("senco", self.school)
        self.parent = make.parent(self.robin)
        self.contents = 0

    def waiting(self) -> list[Any]:
        with as_owner():
            rows = Delivery.objects.filter(work="package", state="queued")
            return list(rows.order_by("id").values_list("pk", flat=True))

    @rule(n=WHICH, times=st.integers(1, 2))
    def a_worker_is_rung(self, n: int, times: int) -> None:
        rows = self.waiting()
        for _ in range(times if rows else 0):
            delivery.work(rows[n % len(rows)])

    @rule(family=st.booleans(), same=st.booleans())
    def somebody_adds_a_document(self, family: bool, same: bool) -> None:
        self.contents += not same
        documents.add(
            by=make.acting_as(self.parent if family else self.senco),
            learner=self.robin,
            title="A report",
            file_name="a.txt",
            data=f"Report {self.contents}".encode(),
        )

    @rule(n=WHICH, everywhere=st.booleans())
    def one_is_withdrawn(self, n: int, everywhere: bool) -> None:
        by = make.acting_as(self.senco)
        rows = list(Document.objects.filter(withdrawn_at=None).order_by("id"))
        if rows:
            one = rows[n % len(rows)].id
            documents.withdraw(by=by, document_id=one, because="Old", everywhere=everywhere)

    @rule(words=st.sampled_from(["Twice a day", "Twice a week"]))
    def a_slip_is_noted(self, words: str) -> None:
        by = make.acting_as(self.senco)
        said = Statement.objects.filter(learner=self.robin).order_by("id")[0]
        if corrected(slips.statement(by, said.id)) != words:
            slips.note_slip(by=by, statement_id=said.id, should_say=words, because="Typing")

    @rule()
    def a_review_is_signed_off(self) -> None:
        review = records.open_one(self.senco, self.robin, self.school)
        try:
            with transaction.atomic():
                signoff.sign_off(
                    by=make.acting_as(self.senco),
                    review_id=review.id,
                    version=None,
                    nothing_changed=True,
                    no_conversation_because="Not yet reached",
                )
        except DomainError as refused:
            event(f"not signed: {refused}")

    @rule()
    def a_month_passes_and_files_are_swept(self) -> None:
        with as_owner():
            gone = Document.objects.filter(withdrawn_at__isnull=False)
            gone.update(withdrawn_at=clock.now() - documents.KEPT_WITHDRAWN)
        for path in self.folder.rglob("*"):
            os.utime(path, (0, 0))
        documents.sweep()

    @invariant()
    def every_package_is_whole_and_says_something_new(self) -> None:
        with as_owner():
            packages = list(Package.objects.order_by("number"))
        assert [p.number for p in packages] == list(range(1, len(packages) + 1))
        assert all(verify(p) for p in packages)
        contents = [p.content for p in packages]
        assert all(one != next_one for one, next_one in pairwise(contents))

    @invariant()
    def no_document_that_was_handed_over_is_lost(self) -> None:
        with as_owner():
            named = {d["id"] for p in Package.objects.all() for d in p.documents}
            kept = Document.objects.filter(pk__in=named, withdrawn_everywhere=False)
            for digest in kept.values_list("sha256", flat=True):
                store.read(digest)

    def the_last_package_says_what_is_so(self) -> None:
        last = Package.objects.order_by("number").last()
        assert last
        now = Document.objects.filter(withdrawn_at=None).values_list("id", flat=True)
        assert {d["id"] for d in last.documents} == {str(key) for key in now}
        assert len(json.loads(last.content["slips.json"])) == Slip.objects.count()
        move = Transition.objects.select_related("learner__record").get(pk=self.move.pk)
        assert last.review_number == move.learner.record.last_number


def test_the_last_package_says_what_is_so_whatever_changed(tmp_path: Path, settings: Any) -> None:
    settings.DOCUMENTS_FOLDER = Changes.folder = tmp_path / "documents"
    run_state_machine_as_test(Changes, settings=hypothesis_settings())


def hypothesis_settings() -> settings:
    return settings(
        max_examples=EXAMPLES,
        stateful_step_count=20,
        deadline=None,
        report_multiple_bugs=False,
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target],
        suppress_health_check=list(HealthCheck),
    )


def test_one_package_may_tell_of_several_changes(tmp_path: Path, settings: Any) -> None:
    settings.DOCUMENTS_FOLDER = tmp_path / "documents"
    school, high = make.setting(), make.setting()
    robin, move = moving(school, high, 90)
    senco = make.staff("senco", school)
    for title in ("One", "Two"):
        documents.add(
            by=make.acting_as(senco), learner=robin, title=title, file_name="a.txt", data=b"Words"
        )
    with as_owner():
        queued = list(Delivery.objects.filter(work="package").values_list("id", flat=True))
    assert len(queued) == 3
    for key in queued:
        delivery.work(key)
    with as_owner():
        package = Package.objects.get()
        assert [d["title"] for d in package.documents] == ["One", "Two"]


def test_nothing_follows_once_the_move_has_ended(tmp_path: Path, settings: Any) -> None:
    settings.DOCUMENTS_FOLDER = tmp_path / "documents"
    school, high = make.setting(), make.setting()
    robin, move = moving(school, high, 90)
    senco = make.staff("senco", school)
    planning.withdraw(by=make.acting_as(senco), transition_id=move.id, why="Stays")
    documents.add(
        by=make.acting_as(senco), learner=robin, title="One", file_name="a.txt", data=b"Words"
    )
    with as_owner():
        assert not Delivery.objects.filter(work="package", change_id__isnull=False).exists()
