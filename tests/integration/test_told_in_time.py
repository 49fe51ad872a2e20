"""What is told of a day comes before that day, however seldom somebody reads."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from apps.access import grants, rls
from apps.accounts.models import User
from apps.common import clock
from apps.learners import whereabouts
from apps.learners.models import Learner
from apps.notifications.actions import tell
from apps.post import choices
from apps.post.models import Message, When
from apps.reviews import asking
from apps.reviews.actions import asking as actions
from apps.reviews.actions import meetings, voices
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Ask, Review
from tests import factories as make
from tests.support import records
from tests.support.calendar import move_clock
from tests.support.database import as_owner
from tests.support.mail import hand_out, send_due

pytestmark = pytest.mark.django_db

ASKED = "Learner Record: You are asked what you think before a review"


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


class TestOfAQuestion:
    """Views are asked for by a day; a teacher reads once a week, on Mondays, until she chooses."""

    @pytest.fixture
    def teacher(self, school: Any) -> User:
        return make.staff("teacher", school, whole_setting=True)

    @pytest.fixture
    def review(self, school: Any, senco: User, robin: Learner) -> Review:
        put_on_register(
            by=make.acting_as(senco),
            learner=robin,
            setting=school,
            area="communication-and-interaction",
            level="mild",
            evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
        )
        return Review.objects.get(learner=robin, state="open")

    def ask(self, senco: User, review: Review, person: User, days: int) -> Ask:
        member = review.learner.family.filter(user=person).first()
        who = asking.Person(
            "family" if member else "teacher",
            person.name,
            user_id=person.id,
            member_id=member.id if member else None,
        )
        due_on = clock.today() + timedelta(days=days)
        by = make.acting_as(senco)
        [row] = actions.ask(by=by, review_id=review.id, people=[who], due_on=due_on)
        hand_out()
        return row

    def digest(self, person: User) -> list[str]:
        """What somebody is sent when all that waits is due."""
        with as_owner():
            Message.objects.update(not_before=clock.now())
        send_due()
        return [m.subject for m in mail.outbox if m.to == [person.email]]

    @pytest.mark.parametrize("day", range(7))
    @pytest.mark.parametrize("who", ["teacher", "parent"])
    def test_whoever_reads_once_a_week_hears_of_it_before_its_day(
        self, senco, review, teacher, parent, day, who
    ) -> None:
        chosen(parent, When.WEEKLY)
        move_clock(day)
        self.ask(senco, review, {"teacher": teacher, "parent": parent}[who], days=2)
        with as_owner():
            goes = timezone.localtime(Message.objects.get().not_before)
        assert (goes.hour, goes.minute) == (7, 30)
        assert goes.date() < clock.today() + timedelta(days=2)

    def test_one_of_a_later_day_waits_for_monday(self, senco, review, teacher) -> None:
        self.ask(senco, review, teacher, days=30)
        with as_owner():
            goes = timezone.localtime(Message.objects.get().not_before)
        assert goes.weekday() == 0

    def test_one_that_cannot_wait_is_heard_beside_one_that_can(
        self, school, senco, review, teacher
    ) -> None:
        tuesday = (1 - clock.today().weekday()) % 7
        move_clock(tuesday)
        self.ask(senco, review, teacher, days=30)
        wren = make.learner(school)
        records.signed(senco, wren, school)
        self.ask(senco, records.open_one(senco, wren, school), teacher, days=1)
        with as_owner():
            assert Message.objects.filter(user=teacher).count() == 2

    def test_it_is_not_sent_to_whoever_has_answered(
        self, senco, review, teacher, parent, robin
    ) -> None:
        chosen(parent, When.WEEKLY)
        for person in (teacher, parent):
            self.ask(senco, review, person, days=30)
            voices.contribute(by=make.acting_as(person), learner=robin, going_well="Sings")
        assert self.digest(teacher) == self.digest(parent) == []

    def test_nor_once_it_is_withdrawn(self, senco, review, teacher) -> None:
        row = self.ask(senco, review, teacher, days=30)
        actions.withdraw(by=make.acting_as(senco), ask_id=row.id)
        assert self.digest(teacher) == []

    def test_nor_once_the_review_is_over(self, senco, review, teacher) -> None:
        self.ask(senco, review, teacher, days=30)
        with as_owner():
            Review.objects.filter(pk=review.pk).update(state="lapsed")
        assert self.digest(teacher) == []

    def test_it_is_sent_while_another_waits(self, school, senco, review, teacher, robin) -> None:
        wren = make.learner(school)
        records.signed(senco, wren, school)
        self.ask(senco, review, teacher, days=30)
        self.ask(senco, records.open_one(senco, wren, school), teacher, days=30)
        voices.contribute(by=make.acting_as(teacher), learner=robin, going_well="Sings")
        assert self.digest(teacher) == [ASKED]

    def test_whoever_may_not_know_where_the_child_is_hears_of_it_too(
        self, senco, review, parent, robin
    ) -> None:
        whereabouts.withhold_where(by=make.acting_as(senco), learner=robin, reason="Refuge")
        self.ask(senco, review, parent, days=30)
        assert self.digest(parent) == [ASKED]
