"""A family answers a review: who does not agree waits where the SENCO, the head and they see it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from apps.notifications.models import Notification
from apps.reviews.actions import voices
from tests import factories as make
from tests.support import records
from tests.support.calendar import move_clock
from tests.support.database import as_owner
from tests.support.sight import browser

pytestmark = pytest.mark.django_db

WORDS = "The morning is harder than it says."


@pytest.fixture
def world() -> SimpleNamespace:
    """A signed review that a parent does not agree with."""
    school = make.setting()
    senco = make.staff("senco", school, name="Sue Grant")
    robin = make.learner(school, known_given="Robin")
    review = records.signed(senco, robin, school)
    parent = make.parent(robin)
    said = voices.acknowledge(
        by=make.acting_as(parent), review_id=review.id, agrees=False, says=WORDS
    )
    return SimpleNamespace(
        school=school, senco=senco, robin=robin, review=review, parent=parent, said=said
    )


def text(person, address: str) -> str:
    return browser(person).get(address).content.decode()


def replies(world: SimpleNamespace) -> str:
    return f"/acknowledgements/{world.said.id}/"


def past(world: SimpleNamespace) -> str:
    return f"/learners/{world.robin.id}/reviews/{world.review.number}/"


def test_it_waits_on_the_sencos_home_on_the_record_and_where_the_message_leads(world) -> None:
    for address in ("/home/", f"/learners/{world.robin.id}/", past(world)):
        assert replies(world) in text(world.senco, address), address
    with as_owner():
        assert Notification.objects.get(kind="family answered").link == replies(world)
    assert WORDS in text(world.senco, replies(world))


def test_the_head_sees_it_and_when_the_reply_is_due_and_does_not_write_it(world) -> None:
    head = make.staff("head", world.school)
    page = text(head, "/register/")
    assert "Families that wait for a reply" in page
    assert past(world) in page
    assert "Overdue" not in page
    move_clock(60)
    assert "Overdue" in text(head, "/register/")
    assert WORDS in text(head, past(world))
    assert browser(head).get(replies(world)).status_code == 403


def test_a_reply_ends_the_waiting_and_stays_with_the_review(world) -> None:
    answer = browser(world.senco).post(replies(world), {"reply": "We look at the mornings."})
    assert answer.status_code == 302
    for person in (world.senco, make.staff("head", world.school)):
        assert "wait for a reply" not in text(person, "/home/")
    assert "We look at the mornings." in text(world.senco, replies(world))
    for address in (past(world), f"/family/{world.robin.id}/"):
        page = text(world.parent, address)
        assert WORDS in page, address
        assert "We look at the mornings." in page, address


def test_one_parents_answer_is_not_anothers(world) -> None:
    other = make.parent(world.robin)
    for address in (past(world), f"/family/{world.robin.id}/"):
        assert WORDS not in text(other, address)


def test_a_setting_that_no_longer_holds_the_record_is_not_asked_to_reply(world) -> None:
    with as_owner():
        world.robin.holders.update(setting=make.setting(world.school.local_area))
    assert "Families that wait for a reply" not in text(world.senco, "/home/")
