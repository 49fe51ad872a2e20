"""A slip in what was signed: what it should say stands beside it, and nothing signed changes."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible, Refused
from apps.notifications.models import Notification
from apps.reviews.actions import slips
from apps.reviews.models import Review, Slip, Statement
from apps.transitions.actions import delivery, planning
from apps.transitions.models import Delivery, Package, Transition
from apps.transitions.package import verify
from tests import factories as make
from tests.support import records
from tests.support.database import as_owner
from tests.support.papers import text_of

pytestmark = pytest.mark.django_db

SHOULD = "Language group, twice a day"


class Case:
    """A signed record in which one support has a slip."""

    def __init__(self) -> None:
        self.school = make.setting()
        self.senco = make.staff("senco", self.school)
        self.robin = make.learner(self.school, year_group=6)
        self.parent = make.parent(self.robin)
        self.review = records.signed(self.senco, self.robin, self.school)
        make.acting_as(self.senco)
        self.support = Statement.objects.filter(kind="support").order_by("order")[0]

    def note(self, **values: str) -> Slip:
        said = {"should_say": SHOULD, "because": "Week was written for day", **values}
        by = make.acting_as(self.senco)
        return slips.note_slip(by=by, statement_id=self.support.id, **said)

    def page(self, person, path: str) -> str:
        return browser(person).get(path).content.decode()

    def paper(self, kind: str) -> str:
        return text_of(browser(self.senco).post(f"/learners/{self.robin.id}/{kind}.pdf"))


def browser(person) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def case() -> Case:
    return Case()


def test_it_stands_beside_the_signed_words_for_staff_and_family(case: Case) -> None:
    case.note()
    pages = {
        case.senco: [f"/learners/{case.robin.id}/", f"/learners/{case.robin.id}/reviews/2/"],
        case.parent: [f"/family/{case.robin.id}/", f"/learners/{case.robin.id}/reviews/2/"],
    }
    for person, paths in pages.items():
        for path in paths:
            page = case.page(person, path)
            assert case.support.text in page and SHOULD in page, path


def test_nothing_signed_changes(case: Case) -> None:
    before = case.review.canonical, case.review.sha256
    case.note()
    review = Review.objects.get(pk=case.review.pk)
    assert (review.canonical, review.sha256) == before
    make.acting_as(case.senco)
    with pytest.raises(DatabaseError), transaction.atomic():
        Slip.objects.update(should_say="Other words")
    with pytest.raises(DatabaseError), transaction.atomic():
        Slip.objects.all().delete()


def shared(case: Case) -> Transition:
    """The record is shared with a secondary school, whose package is there."""
    high = make.setting(case.school.local_area, phase="secondary")
    by = make.acting_as(case.senco)
    move = planning.expect(
        by=by,
        learner=case.robin,
        kind="phase",
        starts_on=clock.today() + timedelta(days=90),
        year_group=7,
        to_setting=high,
    )
    planning.share(by=by, transition_id=move.id)
    delivery.work(Delivery.objects.get(transition=move, work="package").id)
    return move


def test_it_goes_with_the_package(case: Case) -> None:
    case.note()
    shared(case)
    with as_owner():
        package = Package.objects.get()
        assert verify(package)
        (slip,) = json.loads(package.content["slips.json"])
    assert slip["should_say"] == SHOULD and slip["statement"] == str(case.support.id)


def test_papers_that_leave_have_it_beside_what_was_signed_or_in_its_place(case: Case) -> None:
    make.acting_as(case.senco)
    aim = Statement.objects.filter(kind="outcome").order_by("order")[0]
    by = make.acting_as(case.senco)
    slips.note_slip(
        by=by, statement_id=aim.id, should_say="Follow three-part instructions", because="Counted"
    )
    case.note()
    evidence = " ".join(case.paper("evidence").split())
    assert f"{case.support.text} Twice a week" in evidence
    assert f"Should say: {SHOULD} (The senco, " in evidence
    assert aim.text in evidence and "Should say: Follow three-part instructions" in evidence
    exams = " ".join(case.paper("exams").split())
    assert SHOULD in exams


def test_one_that_was_wrong_itself_is_put_back(case: Case) -> None:
    case.note()
    with pytest.raises(Invalid):
        case.note()
    case.note(should_say=case.support.text, because="It was right before")
    page = case.page(case.senco, f"/learners/{case.robin.id}/")
    assert f"Should say: {case.support.text}" in page
    assert SHOULD not in case.paper("exams")


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"should_say": " "}, "should_say"),
        ({"should_say": "Language group"}, "should_say"),
        ({"because": ""}, "because"),
    ],
)
def test_it_says_what_and_why(case: Case, values: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        case.note(**values)
    assert field in refused.value.fields
    assert not Slip.objects.exists()


def test_only_whoever_reviews_notes_one(case: Case) -> None:
    teacher = make.staff("teacher", case.school, whole_setting=True)
    neighbour = make.staff("senco", make.setting())
    for person, refusal in ((teacher, Refused), (neighbour, NotVisible)):
        by = make.acting_as(person)
        with pytest.raises(refusal):
            slips.note_slip(by=by, statement_id=case.support.id, should_say="x", because="y")


def test_a_slip_in_staff_only_words_is_for_staff_only(case: Case) -> None:
    with as_owner():
        hidden = Statement.objects.create(
            record=case.review.record, learner=case.robin, kind="support", text="Watch for marks.",
            audience="staff", audience_reason="Safeguarding", introduced_no=2,
        )  # fmt: skip
    by = make.acting_as(case.senco)
    slips.note_slip(by=by, statement_id=hidden.id, should_say="Look for marks.", because="Typing")
    make.acting_as(case.parent)
    assert not Slip.objects.exists()
    assert "Look for marks" not in case.page(case.parent, f"/family/{case.robin.id}/")
    assert "Look for marks" in case.page(case.senco, f"/learners/{case.robin.id}/")


def test_the_form_keeps_what_was_typed_and_notes_the_slip(case: Case) -> None:
    client = browser(case.senco)
    address = f"/statements/{case.support.id}/slip/"
    page = client.post(address, {"should_say": SHOULD, "because": ""}).content.decode()
    assert SHOULD in page and "There is a problem" in page
    assert client.post(address, {"should_say": SHOULD, "because": "Typing"}).status_code == 302
    make.acting_as(case.senco)
    assert Slip.objects.get().should_say == SHOULD


def test_one_noted_after_the_record_was_shared_follows_in_a_package_of_its_own(
    case: Case,
) -> None:
    move = shared(case)
    case.note()
    make.acting_as(case.senco)
    waits = Delivery.objects.get(transition=move, work="package", state="queued")
    for _ in range(2):
        delivery.work(waits.id)
    with as_owner():
        first, second = Package.objects.order_by("number")
        told = Notification.objects.filter(recipient_id=move.to_setting_id, kind="record shared")
        assert "has changed since" in told.order_by("created_at", "id").last().text
    assert json.loads(first.content["slips.json"]) == []
    assert json.loads(second.content["slips.json"])[0]["should_say"] == SHOULD
    assert (first.review_number, second.review_number) == (2, 2)
