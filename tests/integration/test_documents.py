"""Documents: who adds, reads and withdraws them, where they lie, and what becomes of them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import socket
import struct
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.accounts.models import User
from apps.audit.models import AccessEntry, Event
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.documents import actions, policy, store
from apps.documents.models import Document
from apps.learners.models import Learner
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.rights import actions as exports
from apps.settings.models import Setting
from tests import factories as make
from tests.support.database import as_owner
from tests.support.papers import faults
from tests.support.sight import browser
from tests.unit.formats.test_files import DOCX_FILE, PDF_FILE

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.DOCUMENTS_FOLDER = tmp_path / "documents"
    return tmp_path / "documents"


@pytest.fixture
def school() -> Setting:
    return make.setting(make.local_area())


@pytest.fixture
def senco(school: Setting) -> User:
    return make.staff("senco", school)


@pytest.fixture
def robin(school: Setting, senco: User) -> Learner:
    robin = make.learner(school)
    put_on_register(
        by=make.acting_as(senco),
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others before joining in", "class", clock.today(), "Mr Ray"),
    )
    return robin


def add(person: User, robin: Learner, **values: Any) -> Document:
    sent = {"title": "A report", "file_name": "report.pdf", "data": PDF_FILE, **values}
    return actions.add(by=make.acting_as(person), learner=robin, **sent)


def for_staff(person: User, robin: Learner) -> Document:
    return add(person, robin, title="A plan", audience="staff", audience_reason="Safeguarding")


def upload(client: Client, robin: Learner, data: bytes, name: str, **values: str) -> Any:
    sent = {"title": "A report", "audience": "everyone", **values}
    file = SimpleUploadedFile(name, data)
    return client.post(f"/learners/{robin.id}/documents/", {**sent, "file": file})


def test_a_file_is_added_and_saved_again_byte_for_byte(senco: User, robin: Learner) -> None:
    client = browser(senco)
    assert upload(client, robin, PDF_FILE, "report.pdf").status_code == 302
    assert "A report" in client.get(f"/learners/{robin.id}/documents/").content.decode()
    make.acting_as(senco)
    document = Document.objects.get(learner=robin)
    answer = client.get(f"/documents/{document.id}/")
    assert answer.content == PDF_FILE
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="document.pdf"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    may = set(answer.headers["Content-Security-Policy"].split("; "))
    assert may == {"default-src 'none'", "sandbox"}
    with as_owner():
        entry = AccessEntry.objects.latest("id")
        assert Event.objects.filter(action="document added", subject_id=document.id).exists()
    assert (entry.kind, entry.what, entry.learner_ids) == ("opened", "document", [robin.id])


def test_its_kind_is_what_is_in_it_and_the_page_says_what_is_wrong(
    senco: User, robin: Learner
) -> None:
    client = browser(senco)
    refused = upload(client, robin, DOCX_FILE, "report.pdf", title="My words")
    assert "called .pdf and is Word document" in refused.content.decode()
    assert "My words" in refused.content.decode()
    reasonless = upload(client, robin, PDF_FILE, "report.pdf", audience="staff")
    assert "Say why only staff may read this" in reasonless.content.decode()
    with as_owner():
        assert not Document.objects.exists()


def test_the_same_content_lies_in_the_store_once_and_outside_what_is_served(
    senco: User, robin: Learner, folder: Path, settings: Any
) -> None:
    add(senco, robin)
    add(senco, robin, title="The same again")
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert [path.name for path in files] == [hashlib.sha256(PDF_FILE).hexdigest()]
    assert oct(files[0].stat().st_mode)[-2:] == "00"
    served = [Path(settings.STATIC_ROOT), *map(Path, settings.STATICFILES_DIRS)]
    assert not any(folder.is_relative_to(place) for place in served)


def test_a_file_that_was_changed_in_the_store_is_not_handed_out(
    senco: User, robin: Learner, folder: Path
) -> None:
    document = add(senco, robin)
    path = folder / document.sha256[:2] / document.sha256
    path.write_bytes(b"%PDF-another")
    assert browser(senco).get(f"/documents/{document.id}/").status_code == 409
    path.unlink()
    assert browser(senco).get(f"/documents/{document.id}/").status_code == 409


def test_a_family_reads_what_is_for_everyone_and_nothing_for_staff(
    senco: User, robin: Learner
) -> None:
    open_to_all, kept = add(senco, robin), for_staff(senco, robin)
    parent = make.parent(robin)
    client = browser(parent)
    page = client.get(f"/learners/{robin.id}/documents/").content.decode()
    assert "A report" in page
    assert "A plan" not in page
    assert client.get(f"/documents/{open_to_all.id}/").status_code == 200
    assert client.get(f"/documents/{kept.id}/").status_code == 404


def test_an_adult_from_whom_it_is_withheld_where_the_learner_is_reads_none(
    senco: User, robin: Learner
) -> None:
    document, parent = add(senco, robin), make.parent(robin)
    with as_owner():
        robin.access.filter(grantee_id=parent.id).update(knows_where=False)
    assert browser(parent).get(f"/documents/{document.id}/").status_code == 404
    make.acting_as(parent)
    assert not Document.objects.exists()


def test_the_database_says_the_same_of_who_reads(senco: User, robin: Learner) -> None:
    open_to_all, kept = add(senco, robin), for_staff(senco, robin)
    for person, seen in {
        senco: {open_to_all.id, kept.id},
        make.parent(robin): {open_to_all.id},
        make.staff("senco", make.setting()): set(),
    }.items():
        actor = make.acting_as(person)
        assert set(Document.objects.values_list("id", flat=True)) == seen
        assert set(policy.visible_to(actor).values_list("id", flat=True)) == seen


def test_a_withdrawn_document_is_read_by_nobody_and_says_why(senco: User, robin: Learner) -> None:
    document = add(senco, robin)
    client = browser(senco)
    address = f"/documents/{document.id}/withdraw/"
    assert "Say why it is withdrawn" in client.post(address, {"because": " "}).content.decode()
    assert client.post(address, {"because": "Of another child"}).status_code == 302
    assert client.get(f"/documents/{document.id}/").status_code == 404
    assert "Of another child" in client.get(f"/learners/{robin.id}/documents/").content.decode()
    assert browser(make.parent(robin)).get(f"/documents/{document.id}/").status_code == 404


def test_whoever_added_it_withdraws_it_and_no_other_teacher(
    school: Setting, senco: User, robin: Learner
) -> None:
    teacher, other = (make.staff("teacher", school, whole_setting=True) for _ in range(2))
    document = add(teacher, robin)
    address, sent = f"/documents/{document.id}/withdraw/", {"because": "The wrong file"}
    assert browser(other).post(address, sent).status_code == 403
    assert browser(teacher).post(address, sent).status_code == 302


def test_nothing_else_of_a_document_ever_changes(senco: User, robin: Learner) -> None:
    document = add(senco, robin)
    make.acting_as(senco)
    for change in ("UPDATE {} SET sha256 = repeat('0', 64)", "DELETE FROM {}"):
        with (
            pytest.raises(DatabaseError, match="permission denied"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(change.format("documents_document"))
    with pytest.raises(NotVisible):
        actions.withdraw(by=make.acting_as(make.user()), document_id=document.id, because="x")


def old(path: Path) -> None:
    os.utime(path, (0, 0))


def test_files_go_with_their_rows_and_no_others(senco: User, robin: Learner, folder: Path) -> None:
    kept, withdrawn = add(senco, robin), add(senco, robin, file_name="a.docx", data=DOCX_FILE)
    orphan = store.keep(b"of a record that was deleted")
    new = store.keep(b"of a row that is not committed yet")
    for digest in (kept.sha256, withdrawn.sha256, orphan):
        old(folder / digest[:2] / digest)
    actions.withdraw(by=make.acting_as(senco), document_id=withdrawn.id, because="The wrong file")
    assert actions.sweep() == 1
    assert {p.name for p in folder.rglob("*") if p.is_file()} == {
        kept.sha256,
        withdrawn.sha256,
        new,
    }
    with as_owner():
        Document.objects.filter(pk=withdrawn.pk).update(
            withdrawn_at=clock.now() - actions.KEPT_WITHDRAWN
        )
    assert actions.sweep() == 1
    assert store.read(kept.sha256) == PDF_FILE


def test_a_copy_of_everything_has_the_documents_and_the_profile(
    school: Setting, senco: User, robin: Learner
) -> None:
    add(senco, robin)
    export = exports.ask(
        by=make.acting_as(senco),
        learner=robin,
        holder_id=school.id,
        copy_for="Alex, mother",
        identity="Known to the school",
    )
    exports.work(export.id)
    content = exports.take_out(by=make.acting_as(senco), export=export)
    with zipfile.ZipFile(io.BytesIO(content)) as bundle:
        assert bundle.read("documents/001.pdf") == PDF_FILE
        assert faults(bundle.read("profile.pdf")) == []
        says = json.loads(bundle.read("record.json"))["sections"]["documents.Document"]["rows"]
    assert says[0]["title"] == "A report"


class Clamd(threading.Thread):
    """A clamd that answers one stream with what it is told to."""

    def __init__(self, path: Path, answer: bytes) -> None:
        super().__init__(daemon=True)
        self.answer, self.received = answer, b""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.bind(str(path))
        self.socket.listen()

    def run(self) -> None:
        one, _ = self.socket.accept()
        with one, one.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while size := struct.unpack("!L", stream.read(4))[0]:
                self.received += stream.read(size)
            one.sendall(self.answer)


@pytest.fixture
def clamd(tmp_path: Path, settings: Any) -> Iterator[Any]:
    started: list[Clamd] = []

    def answers(answer: bytes) -> Clamd:
        path = tmp_path / f"clamd-{len(started)}"
        settings.CLAMD_SOCKET = str(path)
        started.append(Clamd(path, answer))
        started[-1].start()
        return started[-1]

    yield answers
    for one in started:
        one.join(5)
        one.socket.close()


def test_a_file_is_looked_at_for_viruses_before_it_is_kept(
    senco: User, robin: Learner, clamd: Any
) -> None:
    server = clamd(b"stream: OK\0")
    assert add(senco, robin).scanned
    server.join(5)
    assert server.received == PDF_FILE
    clamd(b"stream: Eicar-Test-Signature FOUND\0")
    with pytest.raises(Invalid, match="found something in this file"):
        add(senco, robin)
    assert Document.objects.count() == 1


def test_one_that_was_added_before_is_looked_at_when_it_is_read(
    senco: User, robin: Learner, clamd: Any
) -> None:
    document = add(senco, robin)
    assert not document.scanned
    clamd(b"stream: Eicar-Test-Signature FOUND\0")
    assert browser(senco).get(f"/documents/{document.id}/").status_code == 400


def test_no_file_is_taken_while_the_check_does_not_answer(
    senco: User, robin: Learner, settings: Any, tmp_path: Path
) -> None:
    settings.CLAMD_SOCKET = str(tmp_path / "nobody")
    with pytest.raises(Invalid, match="does not answer"):
        add(senco, robin)
    with as_owner():
        assert not Document.objects.exists()
