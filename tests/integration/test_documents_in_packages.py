"""Documents go with the record: a package lists each with its digest, and keeps what it lists."""

from __future__ import annotations

import hashlib
import io
import json
import os
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import NotVisible, Refused
from apps.common.models import new_id
from apps.documents import actions as documents
from apps.documents.models import Document
from apps.rights import redaction
from apps.transitions import policy
from apps.transitions.actions import delivery, packing, planning
from apps.transitions.models import Delivery, Package, Transition
from apps.transitions.package import verify
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner
from tests.support.sight import browser
from tests.unit.formats.test_files import PDF_FILE

pytestmark = pytest.mark.django_db

NOTE = b"What was agreed about safety.\n"


class Case:
    """A signed record with a report, a note for staff and a letter of the family's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.school = make.setting()
        self.high = make.setting(self.school.local_area, phase="secondary")
        self.senco = make.staff("senco", self.school)
        self.there = make.staff("senco", self.high)
        self.robin = make.learner(self.school, year_group=6)
        self.path = f"/learners/{self.robin.id}/documents/"
        self.parent = make.parent(self.robin)
        records.signed(self.senco, self.robin, self.school)
        self.report = self.add(self.senco, title="A report")
        staff = {"audience": "staff", "audience_reason": "Safeguarding"}
        self.note = self.add(self.senco, title="A note", file_name="a.txt", data=NOTE, **staff)
        self.letter = self.add(self.parent, title="Hearing test", audience="sender")

    def add(self, person: User, **values: Any) -> Document:
        sent = {"title": "A report", "file_name": "report.pdf", "data": PDF_FILE, **values}
        return documents.add(by=make.acting_as(person), learner=self.robin, **sent)

    def withdraw(self, document: Document, **values: Any) -> None:
        by = make.acting_as(self.senco)
        documents.withdraw(by=by, document_id=document.id, because="Not of Robin", **values)

    def share(self) -> Transition:
        by = make.acting_as(self.senco)
        move = planning.expect(
            by=by,
            learner=self.robin,
            kind="phase",
            starts_on=clock.today() + timedelta(days=90),
            year_group=7,
            to_setting=self.high,
        )
        planning.share(by=by, transition_id=move.id)
        self.deliver()
        return move

    def deliver(self) -> None:
        with as_owner():
            waiting = Delivery.objects.filter(work="package", state="queued")
            keys = list(waiting.order_by("created_at").values_list("id", flat=True))
        for key in keys:
            delivery.work(key)

    def sweep_after_a_month(self) -> None:
        with as_owner():
            rows = Document.objects.filter(withdrawn_at__isnull=False)
            rows.update(withdrawn_at=clock.now() - documents.KEPT_WITHDRAWN)
        for path in self.folder.rglob("*"):
            os.utime(path, (0, 0))
        documents.sweep()

    def files(self, person: User, move: Transition, number: int = 1) -> dict[str, bytes]:
        answer = browser(person).get(f"/moves/{move.id}/packages/{number}/")
        assert answer.status_code == 200
        with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
            return {name: bundle.read(name) for name in bundle.namelist()}


@pytest.fixture
def case(tmp_path: Path, settings: Any) -> Case:
    settings.DOCUMENTS_FOLDER = tmp_path / "documents"
    return Case(tmp_path / "documents")


def test_the_manifest_lists_each_with_its_digest_and_a_file_says_what_it_is(case: Case) -> None:
    case.withdraw(case.add(case.senco, title="Of another child"))
    case.share()
    with as_owner():
        package = Package.objects.get()
    assert verify(package)
    listed = json.loads(package.manifest)["documents"]
    pdf = {"bytes": len(PDF_FILE), "sha256": hashlib.sha256(PDF_FILE).hexdigest()}
    note = {"bytes": len(NOTE), "sha256": hashlib.sha256(NOTE).hexdigest()}
    assert listed == [
        {"name": "documents/001.pdf", **pdf},
        {"name": "documents/002.txt", **note},
        {"name": "documents/003.pdf", **pdf},
    ]
    assert [(d["title"], d["audience"]) for d in package.documents] == [
        ("A report", "everyone"),
        ("A note", "staff"),
        ("Hearing test", "sender"),
    ]
    assert "A report" not in package.manifest


def test_a_digest_that_is_not_that_of_the_document_is_found(case: Case) -> None:
    case.share()
    with as_owner():
        package = Package.objects.get()
    package.content["documents.json"] = package.content["documents.json"].replace(
        case.note.sha256, case.report.sha256
    )
    assert not verify(package)


def test_whoever_receives_it_saves_it_as_one_file(case: Case) -> None:
    move = case.share()
    for person in (case.there, case.senco):
        files = case.files(person, move)
        assert files["documents/001.pdf"] == PDF_FILE
        assert files["documents/002.txt"] == NOTE
        manifest = json.loads(files["manifest.json"])
        for entry in [*manifest["files"], *manifest["documents"]]:
            assert hashlib.sha256(files[entry["name"]]).hexdigest() == entry["sha256"]
            assert len(files[entry["name"]]) == entry["bytes"]
    page = browser(case.there).get(f"/moves/{move.id}/").content.decode()
    assert "With 3 documents" in page and "Hearing test" in page


def test_a_family_and_a_stranger_get_none_of_it(case: Case) -> None:
    move = case.share()
    for person in (case.parent, make.staff("senco", make.setting())):
        assert browser(person).get(f"/moves/{move.id}/packages/1/").status_code == 404
        with pytest.raises(NotVisible):
            policy.package(make.acting_as(person), move.id, 1)


def test_whoever_it_was_redirected_from_reads_nothing_more(case: Case) -> None:
    move = case.share()
    by = make.acting_as(case.senco)
    planning.redirect(by=by, transition_id=move.id, to_setting=None, why="A place nearer home")
    assert browser(case.there).get(f"/moves/{move.id}/packages/1/").status_code == 404


def test_one_withdrawn_since_stays_in_what_was_handed_over_and_nowhere_else(case: Case) -> None:
    move = case.share()
    case.withdraw(case.report)
    case.withdraw(case.note)
    case.sweep_after_a_month()
    assert browser(case.there).get(f"/documents/{case.report.id}/").status_code == 404
    files = case.files(case.there, move)
    assert files["documents/001.pdf"] == PDF_FILE and files["documents/002.txt"] == NOTE


def test_one_that_had_to_go_everywhere_is_gone_from_there_too(case: Case) -> None:
    move = case.share()
    case.withdraw(case.note, everywhere=True)
    files = case.files(case.there, move)
    assert b"withdrawn" in files["documents/002.txt.txt"] and "documents/002.txt" not in files
    case.sweep_after_a_month()
    digests = {path.name for path in case.folder.rglob("*") if path.is_file()}
    assert digests == {case.report.sha256}
    with as_owner():
        assert verify(Package.objects.get(number=1))


def test_whoever_keeps_the_record_decides_that_it_has_to_go_everywhere(case: Case) -> None:
    case.share()
    address = f"/documents/{case.letter.id}/withdraw/"
    assert "handed over too" in browser(case.senco).get(address).content.decode()
    assert "handed over too" not in browser(case.parent).get(address).content.decode()
    by = make.acting_as(case.parent)
    with pytest.raises(Refused):
        documents.withdraw(by=by, document_id=case.letter.id, because="Old", everywhere=True)
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        Document.objects.filter(pk=case.letter.id).update(
            withdrawn_at=clock.now(),
            withdrawn_by=case.parent,
            withdrawn_because="Old",
            withdrawn_everywhere=True,
        )
    assert documents.withdraw(by=by, document_id=case.letter.id, because="Old")


def test_only_a_package_says_that_one_was_handed_over(case: Case) -> None:
    make.acting_as(case.senco)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Document.objects.update(handed_over_at=clock.now())
    assert not Document.objects.filter(handed_over_at__isnull=False).exists()
    case.share()
    make.acting_as(case.senco)
    assert Document.objects.filter(handed_over_at__isnull=False).count() == 3


def test_a_redaction_seals_the_words_and_keeps_the_documents(case: Case) -> None:
    case.add(case.senco, title="Report that names Jamie")
    case.share()
    head = make.staff("head", case.school)
    proposed = redaction.propose(
        by=make.acting_as(case.senco),
        learner=case.robin,
        words="Jamie",
        ground="another child",
        because="Names another child",
    )
    redaction.agree(by=make.acting_as(head), decision_id=proposed.decision_id)
    with as_owner():
        for package in Package.objects.all():
            assert verify(package) and "Jamie" not in str(package.content)
            assert len(package.documents) == 4
            make.acting_as(case.there)
            packing.as_one_file(by=make.acting_as(case.there), package=package)


def test_one_added_and_one_withdrawn_after_sharing_follow(case: Case) -> None:
    move = case.share()
    case.add(case.parent, title="A letter of May")
    case.deliver()
    case.withdraw(case.note)
    case.deliver()
    with as_owner():
        titles = [[d["title"] for d in p.documents] for p in Package.objects.order_by("number")]
    first = ["A report", "A note", "Hearing test"]
    assert titles == [
        first,
        [*first, "A letter of May"],
        ["A report", *first[2:], "A letter of May"],
    ]
    assert "Save package 3" in browser(case.there).get(f"/moves/{move.id}/").content.decode()


def test_a_package_that_says_nothing_new_is_refused_by_the_database(case: Case) -> None:
    case.share()
    with as_owner(), pytest.raises(DatabaseError, match="handed over once"), transaction.atomic():
        package = Package.objects.get()
        package.pk, package.number = new_id(), 2
        package.save(force_insert=True)
