"""Documents that family and young people add: a letter from a clinic, a report from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from apps.access.permissions import Right
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible, Refused
from apps.common.models import new_id
from apps.documents import actions, policy
from apps.documents.models import Document
from apps.learners.models import LearnerAccess
from apps.notifications.models import Notification
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner
from tests.support.sight import browser
from tests.unit.formats.test_files import PDF_FILE

pytestmark = pytest.mark.django_db

KEPT = "Only staff and me"


class Case:
    """A learner on a register, and two adults of the family."""

    def __init__(self) -> None:
        self.school = make.setting()
        self.senco = make.staff("senco", self.school)
        self.robin = make.learner(self.school)
        self.parent, self.other = make.parent(self.robin), make.parent(self.robin)
        records.listed(self.senco, self.robin, self.school)
        self.path = f"/learners/{self.robin.id}/documents/"

    def add(self, person: User, **values: Any) -> Document:
        sent = {"title": "Hearing test", "file_name": "letter.pdf", "data": PDF_FILE, **values}
        return actions.add(by=make.acting_as(person), learner=self.robin, **sent)

    def upload(self, client: Client, **values: str) -> Any:
        sent = {"title": "Hearing test", "audience": "everyone", **values}
        file = SimpleUploadedFile("letter.pdf", PDF_FILE)
        return client.post(self.path, {**sent, "file": file})

    def access(self, person: User) -> Any:
        return LearnerAccess.objects.filter(learner=self.robin, grantee_id=person.id)

    def read_by(self, person: User) -> set[str]:
        """The titles that somebody reads, asked of both walls."""
        actor = make.acting_as(person)
        rows = Document.objects.filter(withdrawn_at=None)
        found = set(rows.values_list("title", flat=True))
        assert set(policy.visible_to(actor).values_list("title", flat=True)) == found
        return found


@pytest.fixture
def case(tmp_path: Path, settings: Any) -> Case:
    settings.DOCUMENTS_FOLDER = tmp_path / "documents"
    return Case()


def test_a_parent_adds_one_and_everyone_with_access_reads_it(case: Case) -> None:
    client = browser(case.parent)
    page = client.get(case.path).content.decode()
    assert "Add a document" in page and KEPT in page and "Staff only" not in page
    assert "ask by law for a copy" in page and "If staff only" not in page
    assert case.upload(client).status_code == 302
    assert "by you" in client.get(case.path).content.decode()
    for person in (case.senco, case.parent, case.other):
        assert case.read_by(person) == {"Hearing test"}


def test_staff_see_whose_it_is_and_who_keeps_the_record_is_told(case: Case) -> None:
    case.add(case.parent)
    page = browser(case.senco).get(case.path).content.decode()
    assert f"by {case.parent.name}, family" in page
    make.acting_as(case.senco)
    told = Notification.objects.get(recipient_id=case.school.id, kind="document added")
    assert (told.link, told.learner_id) == (case.path, case.robin.id)


def test_one_that_they_keep_to_the_setting_is_not_for_others_of_the_family(case: Case) -> None:
    case.add(case.parent, audience="sender")
    assert case.read_by(case.senco) == case.read_by(case.parent) == {"Hearing test"}
    assert case.read_by(case.other) == set()
    assert "Hearing test" not in browser(case.other).get(case.path).content.decode()


def test_nobody_of_a_family_adds_one_that_they_may_not_read(case: Case) -> None:
    with pytest.raises(Invalid) as refused:
        case.add(case.parent, audience="staff", audience_reason="Between us")
    assert "audience" in refused.value.fields
    with pytest.raises(Invalid):
        case.add(case.senco, audience="sender")


def test_whoever_may_not_know_where_the_learner_is_shares_with_the_setting_alone(
    case: Case,
) -> None:
    case.add(case.senco, title="A report")
    with as_owner():
        case.access(case.parent).update(knows_where=False)
    page = browser(case.parent).get(case.path).content.decode()
    assert KEPT in page and "Everyone who may" not in page
    with pytest.raises(Invalid):
        case.add(case.parent, audience="everyone")
    assert case.add(case.parent).audience == "sender"
    assert case.read_by(case.parent) == {"Hearing test"}
    assert case.read_by(case.other) == {"A report"}
    make.acting_as(case.senco)
    assert Notification.objects.filter(kind="document added").count() == 1


def test_they_withdraw_their_own_and_no_other(case: Case) -> None:
    own, of_staff = case.add(case.parent), case.add(case.senco, title="A report")
    page = browser(case.parent).get(case.path).content.decode()
    assert f"/documents/{own.id}/withdraw/" in page
    assert f"/documents/{of_staff.id}/withdraw/" not in page
    for person, document in ((case.other, own), (case.parent, of_staff)):
        with pytest.raises(Refused):
            actions.withdraw(by=make.acting_as(person), document_id=document.id, because="Not mine")
    answer = browser(case.parent).post(f"/documents/{own.id}/withdraw/", {"because": "Old"})
    assert answer.status_code == 302
    for person in (case.senco, case.parent, case.other):
        assert case.read_by(person) == {"A report"}


def test_whoever_only_reads_adds_none_and_whose_access_ended_reads_none(case: Case) -> None:
    document = case.add(case.parent)
    with as_owner():
        case.access(case.other).update(access_right=Right.READ)
        case.access(case.parent).update(ends_on=clock.today())
    assert "Add a document" not in browser(case.other).get(case.path).content.decode()
    assert case.upload(browser(case.other)).status_code == 403
    assert case.upload(browser(case.parent)).status_code == 404
    with pytest.raises(NotVisible):
        actions.withdraw(by=make.acting_as(case.parent), document_id=document.id, because="Old")


@pytest.mark.parametrize(
    "change",
    [
        {"from_family": False},
        {"audience": "staff", "audience_reason": "Between us"},
        {"added_by_id": "another"},
        {"learner_id": "another"},
    ],
)
def test_the_database_lets_family_add_nothing_else(case: Case, change: dict[str, Any]) -> None:
    stranger = make.learner(case.school)
    document = case.add(case.parent)
    keys = {"added_by_id": case.other.id, "learner_id": stranger.id}
    for name, value in change.items():
        setattr(document, name, keys.get(name, value))
    document.pk = new_id()
    with pytest.raises(DatabaseError), transaction.atomic():
        document.save(force_insert=True)


def test_they_change_nothing_of_one_but_that_it_is_withdrawn(case: Case) -> None:
    case.add(case.parent, audience="sender")
    case.add(case.senco, title="A report")
    make.acting_as(case.parent)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Document.objects.update(audience="everyone")
    by = {"withdrawn_by_id": case.parent.id, "withdrawn_because": "Old"}
    later = clock.now() + timedelta(minutes=1)
    assert Document.objects.update(withdrawn_at=later, **by) == 1
