"""Documents on a review: added while it is open, by whoever reviews; listed with it for ever."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client

from apps.common.exceptions import InvalidTransition, NotVisible, Refused
from apps.common.models import new_id
from apps.documents.models import Document
from apps.reviews.actions import attaching, signoff
from apps.reviews.models import Review
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner
from tests.support.sight import browser
from tests.unit.formats.test_files import PDF_FILE

pytestmark = pytest.mark.django_db

STAFF = {"audience": "staff", "audience_reason": "Safeguarding"}


class Case:
    """A school's record with an open review."""

    def __init__(self) -> None:
        self.school = make.setting()
        self.senco = make.staff("senco", self.school)
        self.robin = make.learner(self.school)
        self.parent = make.parent(self.robin)
        records.signed(self.senco, self.robin, self.school)
        self.review = records.open_one(self.senco, self.robin, self.school)

    def add(self, **values: Any) -> Document:
        sent = {"title": "A report", "file_name": "report.pdf", "data": PDF_FILE, **values}
        return attaching.add_document(
            by=make.acting_as(self.senco), review_id=self.review.id, **sent
        )

    def upload(self, client: Client, **values: str) -> Any:
        sent = {"title": "A report", "audience": "everyone", **values}
        file = SimpleUploadedFile("report.pdf", PDF_FILE)
        return client.post(f"/reviews/{self.review.id}/document/", {**sent, "file": file})

    def sign(self) -> Review:
        return signoff.sign_off(
            by=make.acting_as(self.senco),
            review_id=self.review.id,
            version=None,
            nothing_changed=True,
            no_conversation_because="The family did not want one this term",
        )

    def page(self, person: Any, path: str) -> str:
        return browser(person).get(path).content.decode()


@pytest.fixture
def case(tmp_path: Path, settings: Any) -> Case:
    settings.DOCUMENTS_FOLDER = tmp_path / "documents"
    return Case()


def test_whoever_reviews_adds_one_from_the_review_and_finds_it_there(case: Case) -> None:
    page = f"/reviews/{case.review.id}/"
    assert f"{page}document/" in case.page(case.senco, page)
    answer = case.upload(browser(case.senco))
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{page}#documents")
    assert "A report" in case.page(case.senco, page)


def test_what_is_wrong_is_said_beside_it_and_what_was_typed_is_kept(case: Case) -> None:
    answer = case.upload(browser(case.senco), title="My words", audience="staff")
    assert "Say why only staff may read this" in answer.content.decode()
    assert "My words" in answer.content.decode()


def test_a_signed_review_lists_those_that_were_added_to_it_and_takes_no_more(case: Case) -> None:
    case.add()
    case.add(title="A plan", **STAFF)
    signed = case.sign()
    with pytest.raises(InvalidTransition, match="signed off"):
        case.add(title="Too late")
    path = f"/learners/{case.robin.id}/reviews"
    for_staff, for_family = (
        case.page(person, f"{path}/{signed.number}/") for person in (case.senco, case.parent)
    )
    assert "A report" in for_staff and "A plan" in for_staff
    assert "A report" in for_family and "A plan" not in for_family
    assert "A report" not in case.page(case.senco, f"{path}/{(signed.number or 0) - 1}/")


def test_the_list_of_documents_says_to_which_review_one_belongs(case: Case) -> None:
    case.add()
    path = f"/learners/{case.robin.id}/documents/"
    assert "For the interim review" in case.page(case.senco, path)
    signed = case.sign()
    for person in (case.senco, case.parent):
        assert f"/reviews/{signed.number}/" in case.page(person, path)


def test_an_adult_from_whom_the_whereabouts_are_withheld_reads_of_none(case: Case) -> None:
    case.add()
    signed = case.sign()
    with as_owner():
        case.robin.access.filter(grantee_id=case.parent.id).update(knows_where=False)
    answer = browser(case.parent).get(f"/learners/{case.robin.id}/reviews/{signed.number}/")
    assert "A report" not in answer.content.decode()


def test_nobody_else_adds_one_to_a_review(case: Case) -> None:
    teacher = make.staff("teacher", case.school, whole_setting=True)
    neighbour = make.staff("senco", make.setting())
    for person, refusal in ((teacher, Refused), (case.parent, Refused), (neighbour, NotVisible)):
        by = make.acting_as(person)
        with pytest.raises(refusal):
            attaching.add_document(
                by=by, review_id=case.review.id, title="x", file_name="x.pdf", data=PDF_FILE
            )


@pytest.mark.parametrize("wrong", ["another learner's", "signed off", "no review"])
def test_the_database_keeps_a_document_to_an_open_review_of_its_learner(
    case: Case, wrong: str
) -> None:
    other = make.learner(case.school)
    records.listed(case.senco, other, case.school)
    make.acting_as(case.senco)
    key = {
        "another learner's": Review.objects.get(learner=other, state="open").id,
        "signed off": Review.objects.filter(learner=case.robin, state="signed off")[0].id,
        "no review": other.id,
    }[wrong]
    document = case.add()
    document.pk, document.review_id = new_id(), key
    with pytest.raises(DatabaseError, match="open review of the same"), transaction.atomic():
        document.save(force_insert=True)
