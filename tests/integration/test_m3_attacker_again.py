"""What an attacker found in long work, in documents and in packages, each mended: another's name,
a closed record, what a package cannot take back, a day that no calendar has."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.common.models import new_id
from apps.documents import actions as documents
from apps.documents.models import Document
from apps.jobs.models import Job
from apps.reviews.actions import asking, voices
from apps.reviews.asking import Person
from apps.reviews.models import Slip, Statement
from apps.rights import redaction
from apps.transitions.actions import packing
from apps.transitions.models import Delivery, Package
from tests import factories as make
from tests.integration.test_documents_in_packages import Case
from tests.support import lives, records
from tests.support.database import as_owner
from tests.support.sight import browser
from tests.support.world import build

pytestmark = pytest.mark.django_db

FAR = {"due_on_0": "31", "due_on_1": "12", "due_on_2": "9999"}


@pytest.fixture
def case(tmp_path: Path, settings: Any) -> Case:
    settings.DOCUMENTS_FOLDER = tmp_path / "documents"
    return Case(tmp_path / "documents")


@pytest.fixture
def world(tmp_path: Path, settings: Any) -> dict[str, Any]:
    settings.DOCUMENTS_FOLDER = tmp_path / "documents"
    return build()


def as_new(document: Document, by: User, **values: Any) -> None:
    """The same row again, by raw SQL as this person."""
    make.acting_as(by)
    for name, value in {"added_by_id": by.id, **values}.items():
        setattr(document, name, value)
    document.pk = new_id()
    with transaction.atomic():
        document.save(force_insert=True)


class TestDocuments:
    def test_nobody_withdraws_one_in_the_name_of_another(self, case: Case) -> None:
        make.acting_as(case.parent)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Document.objects.filter(pk=case.letter.pk).update(
                withdrawn_at=clock.now(), withdrawn_by=case.senco, withdrawn_because="Old"
            )

    def test_what_is_new_was_handed_over_to_nobody(self, case: Case) -> None:
        with pytest.raises(DatabaseError, match="row-level security"):
            as_new(case.letter, case.parent, handed_over_at=clock.now())

    def test_raw_sql_adds_one_to_a_review_only_for_whoever_keeps_the_record(
        self, case: Case
    ) -> None:
        review = records.open_one(case.senco, case.robin, case.school)
        teacher = make.staff("teacher", case.school, whole_setting=True)
        with pytest.raises(DatabaseError, match="row-level security"):
            as_new(case.report, teacher, review_id=review.id)
        as_new(case.report, case.senco, review_id=review.id)

    def test_a_closed_record_takes_none(self, case: Case) -> None:
        lives.close(case.senco, case.robin)
        by = make.acting_as(case.senco)
        with pytest.raises(InvalidTransition):
            case.add(case.senco)
        with pytest.raises(DatabaseError, match="closed"):
            as_new(case.report, case.senco)
        statement = Statement.objects.filter(learner=case.robin)[0]
        with pytest.raises(DatabaseError, match="closed"), transaction.atomic():
            Slip.objects.create(
                learner=case.robin, statement=statement, should_say="x", because="y",
                noted_by=by.name, noted_at=clock.now(),
            )  # fmt: skip


class TestWhatWasHandedOver:
    def test_one_that_was_withdrawn_can_still_be_taken_out_of_it(self, case: Case) -> None:
        move = case.share()
        documents.withdraw(
            by=make.acting_as(case.parent), document_id=case.letter.id, because="Not Robin's"
        )
        address = f"/documents/{case.letter.id}/withdraw/"
        page = browser(case.senco).get(case.path).content.decode()
        assert "take it out of there too" in page and address in page
        sent = {"because": "It is about another child", "everywhere": "on"}
        assert browser(case.senco).post(address, sent).status_code == 302
        assert "documents/003.pdf" not in case.files(case.there, move)
        assert "take it out" not in browser(case.senco).get(case.path).content.decode()
        assert browser(case.senco).post(address, sent).status_code == 404

    def test_by_nobody_else_and_not_by_pressing_twice(self, case: Case) -> None:
        move = case.share()
        address = f"/documents/{case.letter.id}/withdraw/"
        documents.withdraw(
            by=make.acting_as(case.parent), document_id=case.letter.id, because="Not Robin's"
        )
        teacher = make.staff("teacher", case.school, whole_setting=True)
        for person, refusal in (
            (case.parent, NotVisible),
            (case.there, Refused),
            (teacher, Refused),
        ):
            by = make.acting_as(person)
            with pytest.raises(refusal):
                documents.withdraw(by=by, document_id=case.letter.id, because="x", everywhere=True)
        assert browser(case.senco).post(address, {"because": "Twice"}).status_code == 409
        assert "documents/003.pdf" in case.files(case.there, move)

    def test_and_nothing_withdrawn_comes_back(self, case: Case) -> None:
        case.share()
        case.withdraw(case.letter)
        make.acting_as(case.senco)
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Document.objects.filter(pk=case.letter.pk).update(
                withdrawn_at=None, withdrawn_by=None, withdrawn_because=""
            )

    def test_what_a_young_person_keeps_from_their_parents_says_so(self, case: Case) -> None:
        voices.contribute(
            by=make.acting_as(case.senco),
            learner=case.robin,
            harder="The evenings at home",
            not_my_parents=True,
        )
        case.share()
        with as_owner():
            (said,) = json.loads(Package.objects.get().content["voices.json"])
        assert (said["not_my_parents"], said["others_may_see"]) == (True, False)

    def test_a_redaction_leaves_each_document_its_name_of_the_manifest(self, case: Case) -> None:
        case.add(case.senco, title="Where the documents are")
        case.share()
        proposed = redaction.propose(
            by=make.acting_as(case.senco),
            learner=case.robin,
            words="documents",
            ground="rectification",
            because="It was another",
        )
        head = make.staff("head", case.school)
        redaction.agree(by=make.acting_as(head), decision_id=proposed.decision_id)
        by = make.acting_as(case.there)
        for package in Package.objects.all():
            inside = packing.as_one_file(by=by, package=package)
            with zipfile.ZipFile(io.BytesIO(inside)) as bundle:
                for listed in json.loads(package.manifest)["documents"]:
                    data = bundle.read(listed["name"])
                    assert hashlib.sha256(data).hexdigest() == listed["sha256"]

    def test_a_family_reads_no_work_that_names_documents_kept_from_it(self, case: Case) -> None:
        case.share()
        case.add(case.parent, audience="sender")
        make.acting_as(make.parent(case.robin))
        assert not Delivery.objects.exists()
        make.acting_as(case.senco)
        assert Delivery.objects.filter(change_id__isnull=False).exists()


class TestAsking:
    def test_for_a_day_that_is_far_away_is_a_slip_of_typing(self, world: dict[str, Any]) -> None:
        senco, review = world["people"]["senco"], world["kwargs"]["review_id"]
        with as_owner():
            jobs = Job.objects.count()
        for address, sent in (
            (f"/reviews/{review}/views/", {"name": "Kit", "email": "new@example.test"}),
            ("/reviews/asking/", {"teachers": "2", "all": "1"}),
        ):
            answer = browser(senco).post(address, {**sent, **FAR})
            assert "within a year" in answer.content.decode()
        with as_owner():
            assert Job.objects.count() == jobs

    def test_neither_from_a_program(self, world: dict[str, Any]) -> None:
        by = make.acting_as(world["people"]["senco"])
        with pytest.raises(Invalid):
            asking.ask(
                by=by,
                review_id=world["kwargs"]["review_id"],
                people=[Person("specialist", "Kit", email="new@example.test")],
                due_on=clock.today() + asking.LATEST + timedelta(days=1),
            )
