"""What staff and local areas are told stands on the first page of each until it is put away."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import User
from apps.audit.models import AccessEntry
from apps.common import clock
from apps.learners.models import Learner
from apps.notifications.actions import tell
from apps.notifications.models import Notification
from apps.reviews import asking
from apps.reviews.actions import asking as actions
from apps.reviews.actions import voices
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Review
from tests import factories as make
from tests.integration.test_query_counts import queries
from tests.support.database import as_owner
from tests.support.sight import browser

pytestmark = pytest.mark.django_db

# Each role's first page, and where the role is held.
FIRST = {
    "senco": ("/home/", "setting"),
    "head": ("/register/", "setting"),
    "safeguarding-lead": ("/register/", "setting"),
    "teacher": ("/classes/", "setting"),
    "specialist": ("/referred/", "setting"),
    "governor": ("/figures/", "setting"),
    "officer": ("/area/", "area"),
    "analyst": ("/figures/", "area"),
    "virtual-head": ("/looked-after/", "area"),
    "institute-editor": ("/institute/", "service"),
    "administrator": ("/organisations/", "service"),
}


@pytest.fixture
def school() -> Any:
    return make.setting()


@pytest.fixture
def senco(school: Any) -> User:
    return make.staff("senco", school)


@pytest.fixture
def robin(school: Any) -> Learner:
    return make.learner(school)


@pytest.fixture
def teacher(school: Any) -> User:
    return make.staff("teacher", school, whole_setting=True)


def told(to: Any, text: str, learner: Learner | None = None, link: str = "/moves/") -> None:
    with as_owner():
        tell(
            recipients=[to.id],
            learner_id=learner.id if learner else None,
            kind="role ended",
            text=text,
            link=link,
            key=text,
        )


def first_page(person: User) -> str:
    answer = browser(person).get("/home/", follow=True)
    assert answer.status_code == 200
    return str(answer.content.decode().split("<main")[1])


@pytest.mark.parametrize("role", FIRST)
def test_one_s_own_messages_are_on_one_s_first_page_until_put_away(role: str, school: Any) -> None:
    page, held_at = FIRST[role]
    place = {"setting": school, "area": school.local_area, "service": None}[held_at]
    person = make.staff(role, place)
    told(person, "Something happened.")
    told(make.staff(role, place), "Nothing of theirs.")
    client = browser(person)
    answer = client.get("/home/", follow=True)
    assert answer.wsgi_request.path == page
    shown = answer.content.decode()
    assert "Something happened." in shown
    assert 'href="/moves/"' in shown
    assert "Nothing of theirs." not in shown
    with as_owner():
        message = Notification.objects.get(recipient_id=person.id)
    assert client.post("/messages/", {"message": str(message.id)}).status_code == 302
    assert "Something happened." not in first_page(person)


def test_what_a_local_area_is_told_is_on_its_officers_page(school: Any) -> None:
    told(school.local_area, "You now hold a Learner Record.")
    assert "You now hold" in first_page(make.staff("officer", school.local_area))
    for other in ("analyst", "virtual-head"):
        assert "You now hold" not in first_page(make.staff(other, school.local_area))
    assert "You now hold" not in first_page(make.staff("officer", make.local_area()))


def test_what_a_setting_is_told_is_for_those_who_do_its_work(school: Any, senco, teacher) -> None:
    told(school, "Views came in.")
    assert "Views came in." in first_page(senco)
    assert "Views came in." not in first_page(teacher)
    assert "Views came in." not in first_page(make.staff("head", school))


def test_messages_are_on_no_other_page_of_theirs(school: Any, senco: User) -> None:
    told(senco, "Something happened.")
    for page in ("/register/", "/figures/", "/classes/"):
        assert "Something happened." not in browser(senco).get(page).content.decode()


def test_nothing_is_shown_of_a_learner_whom_they_may_not_see(teacher: User, robin: Learner) -> None:
    told(teacher, "Something of Robin.", robin)
    told(teacher, "Something of somebody else.", make.learner(make.setting()))
    shown = first_page(teacher)
    assert "Something of Robin." in shown
    assert "Something of somebody else." not in shown
    with as_owner():
        assert AccessEntry.objects.filter(learner_ids=[robin.id], what="my classes").exists()


def test_what_somebody_is_told_as_a_parent_is_not_on_a_page_of_work(
    teacher: User, robin: Learner
) -> None:
    child = make.learner(make.setting())
    make.parent(child, user=teacher)
    told(teacher, "You are asked what you think.", child, f"/family/{child.id}/say/")
    assert "You are asked what you think." not in first_page(teacher)
    assert "You are asked" in browser(teacher).get("/family/messages/").content.decode()


@pytest.mark.parametrize("role", ["teacher", "head", "officer", "governor"])
def test_many_messages_take_as_many_queries_as_one(role: str, school: Any) -> None:
    page, held_at = FIRST[role]
    person = make.staff(role, school if held_at == "setting" else school.local_area)
    told(person, "The first.")
    one = queries(person, page)
    for number in range(8):
        told(person, f"Another: {number}.")
    assert len(queries(person, page)) == len(one)


def test_a_teacher_sees_how_many_reviews_ask_for_her_views(
    school: Any, senco: User, teacher: User
) -> None:
    due_on = clock.today() + timedelta(days=9)
    for _ in range(2):
        learner = make.learner(school)
        by = make.acting_as(senco)
        put_on_register(
            by=by,
            learner=learner,
            setting=school,
            area="cognition-and-learning",
            level="mild",
            evidence=Evidence("Loses the thread", "class", clock.today(), "Mr Ray"),
        )
        review = Review.objects.get(learner=learner, state="open")
        person = asking.Person("teacher", teacher.name, user_id=teacher.id)
        actions.ask(by=by, review_id=review.id, people=[person], due_on=due_on)
    shown = first_page(teacher)
    assert "<b>2</b> reviews ask what you see</a>" in shown
    assert f"the first by {due_on:%-d %B %Y}" in shown
    voices.contribute(by=make.acting_as(teacher), learner=learner, going_well="Sings")
    assert "<b>1</b> review asks what you see</a>" in first_page(teacher)
