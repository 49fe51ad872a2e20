"""What a family was told and asked, on one page: their own alone, of each child of theirs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.accounts.models import User
from apps.audit.models import AccessEntry
from apps.common import clock
from apps.learners.models import Learner
from apps.lives.actions import death
from apps.notifications.actions import tell
from apps.notifications.models import Notification
from apps.reviews.actions import meetings
from tests import factories as make
from tests.integration.test_query_counts import queries
from tests.support.database import as_owner
from tests.support.sight import browser

pytestmark = pytest.mark.django_db

PAGE = "/family/messages/"


@pytest.fixture
def school() -> Any:
    return make.setting()


@pytest.fixture
def senco(school: Any) -> User:
    return make.staff("senco", school)


@pytest.fixture
def robin(school: Any) -> Learner:
    return make.learner(school, known_given="Robin")


@pytest.fixture
def mother(robin: Learner) -> User:
    return make.parent(robin)


def told(person: User, learner: Learner, text: str, **values: Any) -> None:
    with as_owner():
        tell(
            recipients=[person.id],
            learner_id=learner.id,
            kind=values.get("kind", "record updated"),
            text=text,
            link=values.get("link", f"/family/{learner.id}/"),
            key=text,
        )


def shown(person: User) -> str:
    answer = browser(person).get(PAGE)
    assert answer.status_code == 200
    return str(answer.content.decode().split("<main")[1])


def test_it_has_what_was_told_with_its_day_and_its_link(
    senco: User, robin: Learner, mother: User
) -> None:
    meetings.offer(
        by=make.acting_as(senco),
        learner=robin,
        invited=[member.id for member in robin.family.all()],
        times=[clock.now() + timedelta(days=3)],
        how="phone",
    )
    page = shown(mother)
    with as_owner():
        told = Notification.objects.get(recipient_id=mother.id)
    assert told.text in page
    assert f'href="{told.link}"' in page
    assert f"{clock.today():%-d %B %Y}" in page


def test_the_newest_comes_first_and_what_is_read_stays(robin: Learner, mother: User) -> None:
    told(mother, robin, "The first thing.")
    told(mother, robin, "The second thing.")
    page = shown(mother)
    assert page.index("The second thing.") < page.index("The first thing.")
    assert page.count(">New<") == 2
    assert browser(mother).post(PAGE).status_code == 302
    page = shown(mother)
    assert "The first thing." in page
    assert ">New<" not in page
    assert "I have read these" not in page


def test_each_child_of_theirs_has_a_part_of_its_own(
    school: Any, robin: Learner, mother: User
) -> None:
    wren = make.learner(school, known_given="Wren")
    make.parent(wren, user=mother)
    told(mother, robin, "About the first.")
    told(mother, wren, "About the second.")
    page = shown(mother)
    parts = dict(zip((robin.id, wren.id), ("About the first.", "About the second."), strict=True))
    for learner_id, text in parts.items():
        part = page.split(f'id="of-{learner_id}"')[1].split("</section>")[0]
        assert text in part


def test_another_adult_of_the_family_reads_their_own_alone(robin: Learner, mother: User) -> None:
    father = make.parent(robin)
    told(mother, robin, "For her.")
    told(father, robin, "For him.")
    assert "For him." not in shown(mother)
    assert "For her." not in shown(father)


def test_whose_access_was_ended_reads_nothing_of_it(robin: Learner, mother: User) -> None:
    told(mother, robin, "Told before.")
    with as_owner():
        robin.family.update(may_see=False, why_not="An order")
        robin.access.filter(grantee_id=mother.id).update(ends_on=clock.today())
    assert "Told before." not in shown(mother)


def test_of_a_child_who_has_died_nothing_is_repeated(
    senco: User, robin: Learner, mother: User
) -> None:
    told(mother, robin, "A time to talk.")
    death.note_death(
        by=make.acting_as(senco), learner_id=robin.id, died_on=clock.today(), told_by="Her aunt"
    )
    assert "A time to talk." not in shown(mother)


def test_what_a_member_of_staff_is_told_at_work_is_not_there(
    school: Any, senco: User, robin: Learner
) -> None:
    make.parent(robin, user=senco)
    told(senco, robin, "Work to do.", kind="decided", link="/decisions/1/")
    assert "Work to do." not in shown(senco)


def test_looking_at_it_is_logged(robin: Learner, mother: User) -> None:
    shown(mother)
    with as_owner():
        assert AccessEntry.objects.filter(learner_ids=[robin.id], what="messages").exists()


def test_it_is_as_many_queries_for_one_as_for_many(robin: Learner, mother: User) -> None:
    told(mother, robin, "One.")
    one = queries(mother, PAGE)
    for n in range(20):
        told(mother, robin, f"Another, {n}.")
    assert len(queries(mother, PAGE)) == len(one) <= 8
