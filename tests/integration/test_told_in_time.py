"""What is told of a day comes before that day, however seldom somebody reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from apps.access import grants, rls
from apps.accounts.models import User
from apps.common import clock
from apps.learners.models import Learner
from apps.notifications.actions import tell
from apps.post import choices
from apps.post.models import When
from apps.reviews.actions import meetings
from tests import factories as make
from tests.support.calendar import move_clock
from tests.support.mail import send_due

pytestmark = pytest.mark.django_db


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
def parent(robin: Learner) -> User:
    return make.parent(robin)


def told(person: User, kind: str, key: str = "k") -> None:
    with rls.acting(grants.worker()):
        tell(
            recipients=[person.id],
            learner_id=None,
            kind=kind,
            text="Something",
            link="/home/",
            key=f"{kind}:{key}",
        )


def chosen(person: User, when: str) -> None:
    choices.choose(by=make.acting_as(person), email=when)


def subjects() -> list[str]:
    send_due()
    return [m.subject.removeprefix("Learner Record: ") for m in mail.outbox]


class TestOfATimeToTalk:
    @pytest.mark.parametrize("kind", sorted(choices.PRESSING))
    def test_it_is_said_at_once_unless_somebody_chose_not_at_all(self, parent, kind) -> None:
        for when, expected in ((When.DAILY, 1), (When.WEEKLY, 2), (When.NONE, 2)):
            chosen(parent, when)
            told(parent, kind, key=when)
            assert len(subjects()) == expected

    def test_it_takes_nothing_along_that_waits_for_the_digest(self, parent) -> None:
        chosen(parent, When.WEEKLY)
        told(parent, "record updated")
        told(parent, "meeting called off")
        assert subjects() == ["A time to talk is called off"]

    @pytest.mark.parametrize("when", [When.AT_ONCE, When.DAILY, When.WEEKLY])
    def test_everybody_is_reminded_the_day_before(self, senco, robin, parent, when) -> None:
        at = clock.now() + timedelta(days=3)
        offered = meetings.offer(
            by=make.acting_as(senco),
            learner=robin,
            invited=[robin.family.get().id],
            times=[at],
            how="phone",
        )
        meetings.choose_time(by=make.acting_as(parent), meeting_id=offered.id, starts_at=at)
        send_due()
        move_clock(2)
        send_due()
        mail.outbox.clear()
        chosen(parent, when)
        meetings.remind(waking=range(24))
        assert subjects() == ["Tomorrow you have a time to talk"]
