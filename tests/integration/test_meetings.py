"""Meetings: times are offered, the family chooses, what was agreed is kept; a reminder before."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from django.db import DatabaseError, transaction
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.formats import calendar_file
from apps.learners import whereabouts
from apps.learners.models import FamilyMember, Learner
from apps.lives.actions import death
from apps.notifications.models import Notification
from apps.reviews import meetings as reading
from apps.reviews.actions import meetings, places
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Meeting, Review
from tests import factories as make
from tests.support.calendar import move_clock
from tests.support.database import as_owner
from tests.support.mail import send_due

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ALWAYS = range(24)
NOON = timezone.make_aware(datetime(2026, 3, 2, 12))


@pytest.fixture
def school():
    return make.setting(name="Fernhill", telephone="0113 496 0000")


@pytest.fixture
def senco(school) -> User:
    return make.staff("senco", school, name="Sue Grant")


@pytest.fixture
def robin(school, senco) -> Learner:
    learner = make.learner(school)
    put_on_register(
        by=make.acting_as(senco),
        learner=learner,
        setting=school,
        area="cognition-and-learning",
        level="mild",
        evidence=Evidence("Loses the thread", "class", clock.today(), "Mr Ray"),
    )
    return learner


@pytest.fixture
def parent(robin) -> User:
    return make.parent(robin)


def member(person: User) -> FamilyMember:
    with as_owner():
        return FamilyMember.objects.get(user=person)


def in_days(*days: int) -> list[datetime]:
    return [clock.now() + timedelta(days=n) for n in days]


@pytest.fixture
def offered(robin, senco, parent) -> Meeting:
    return meetings.offer(
        by=make.acting_as(senco),
        learner=robin,
        invited=[member(parent).id],
        times=in_days(3, 4),
        how="phone",
        where="07700 900123",
        interpreter="Polish",
    )


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def told(recipient: Any, kind: str) -> int:
    with as_owner():
        return Notification.objects.filter(recipient_id=recipient.id, kind=kind).count()


class TestOffering:
    def test_is_for_the_open_review_and_those_invited_are_told(self, offered, parent, robin):
        assert offered.review == Review.objects.get(learner=robin, state="open")
        assert told(parent, "meeting offered") == 1
        page = browser(parent).get(f"/family/{robin.id}/").content.decode()
        assert "Choose a time" in page

    def test_from_the_record_with_a_day_and_a_time(self, robin, senco, parent):
        client = browser(senco)
        assert "Meetings" in client.get(f"/learners/{robin.id}/").content.decode()
        day = clock.today() + timedelta(days=5)
        sent = {
            "invited": str(member(parent).id),
            "how": "in person",
            "minutes": "30",
            "where": "Room 4",
            "day1_0": day.day,
            "day1_1": day.month,
            "day1_2": day.year,
            "time1": "15:30",
            "time2": "16:00",
        }
        page = client.post(f"/learners/{robin.id}/meetings/", sent).content.decode()
        assert "Day 2: enter a date, for example 27 3 2026." in page
        assert "Room 4" in page
        del sent["time2"]
        client.post(f"/learners/{robin.id}/meetings/", sent)
        with as_owner():
            at = timezone.localtime(Meeting.objects.get().times[0])
        assert (at.date(), at.hour, at.minute) == (day, 15, 30)

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"times": []}, "times"),
            ({"times": in_days(-1)}, "times"),
            ({"times": in_days(*range(1, 9))}, "times"),
            ({"invited": []}, "invited"),
            ({"how": "by pigeon"}, "how"),
        ],
    )
    def test_says_what_is_missing(self, robin, senco, parent, values, field):
        right: dict[str, Any] = {
            "invited": [member(parent).id],
            "times": in_days(1),
            "how": "phone",
        }
        with pytest.raises(Invalid) as found:
            meetings.offer(by=make.acting_as(senco), learner=robin, **{**right, **values})
        assert set(found.value.fields) == {field}

    def test_nobody_of_another_family_is_invited(self, robin, senco):
        other = make.parent(make.learner(make.setting()))
        with pytest.raises(Invalid):
            meetings.offer(
                by=make.acting_as(senco),
                learner=robin,
                invited=[member(other).id],
                times=in_days(1),
                how="phone",
            )

    def test_is_the_senco_s(self, robin, school, parent):
        for person in (make.staff("teacher", school, whole_setting=True), parent):
            with pytest.raises(Refused):
                meetings.offer(
                    by=make.acting_as(person), learner=robin, invited=[], times=[], how="phone"
                )


class TestChoosing:
    def test_on_their_own_page(self, offered, parent, school, robin):
        client, page = browser(parent), f"/family/meetings/{offered.id}/"
        assert "Choose a time to talk" in client.get(page).content.decode()
        client.post(page, {"choose": "1", "time": offered.times[1].isoformat()})
        with as_owner():
            meeting = Meeting.objects.get()
        assert (meeting.state, meeting.starts_at) == ("booked", offered.times[1])
        assert told(school, "meeting answered") == 1
        shown = browser(parent).get(f"/family/{robin.id}/").content.decode()
        assert "Next meeting" in shown
        assert "Sue Grant" in shown
        assert "0113 496 0000" in shown

    def test_by_phone_noted_by_staff(self, offered, senco, parent):
        client = browser(senco)
        sent = {"choose": "1", "time": offered.times[0].isoformat(), "said_by": "Alex, by phone"}
        client.post(f"/meetings/{offered.id}/", sent)
        page = client.get(f"/meetings/{offered.id}/").content.decode()
        assert "Chosen by Alex, by phone" in page
        assert told(parent, "meeting booked") == 1

    def test_another_time_while_it_is_booked(self, offered, parent):
        for at in offered.times:
            meetings.choose_time(by=make.acting_as(parent), meeting_id=offered.id, starts_at=at)
        with as_owner():
            assert Meeting.objects.get().starts_at == offered.times[1]

    def test_no_other_time_and_none_that_is_past(self, offered, parent):
        with pytest.raises(Invalid, match="No time"):
            meetings.choose_time(
                by=make.acting_as(parent), meeting_id=offered.id, starts_at=in_days(9)[0]
            )
        move_clock(3)
        with pytest.raises(Invalid, match="No time"):
            meetings.choose_time(
                by=make.acting_as(parent), meeting_id=offered.id, starts_at=offered.times[0]
            )

    def test_what_is_past_is_no_next_meeting(self, offered, parent, robin):
        move_clock(9)
        page = browser(parent).get(f"/family/{robin.id}/").content.decode()
        assert "Choose a time" not in page

    def test_declining_says_what_would_suit(self, offered, parent, senco):
        client, page = browser(parent), f"/family/meetings/{offered.id}/"
        shown = client.post(page, {"decline": "1", "because": ""}).content.decode()
        assert "Enter what would suit you" in shown
        client.post(page, {"decline": "1", "because": "Mornings, please"})
        assert "Mornings, please" in browser(senco).get(f"/meetings/{offered.id}/").content.decode()


class TestHolding:
    def test_keeps_what_was_agreed_and_is_the_review_s_conversation(
        self, offered, senco, parent, robin
    ):
        review = Review.objects.get(learner=robin, state="open")
        assert reading.conversation_held(review) is None
        sign_off = f"/reviews/{review.id}/sign-off/"
        assert "spoke" not in browser(senco).get(sign_off).context["form"].initial
        unsaid = browser(senco).post(sign_off, {"version": review.version})
        assert "Choose whether you have spoken with the family." in unsaid.content.decode()
        by = make.acting_as(senco)
        meetings.note_held(
            by=by, meeting_id=offered.id, held_on=clock.today(), agreed="A quiet corner."
        )
        assert reading.conversation_held(review) == clock.today()
        assert browser(senco).get(sign_off).context["form"].initial["spoke"] == "yes"
        assert told(parent, "meeting held") == 1
        assert "What was agreed" in browser(parent).get(f"/family/{robin.id}/").content.decode()
        page = browser(parent).get(f"/family/meetings/{offered.id}/").content.decode()
        assert "A quiet corner." in page

    def test_says_when_and_what(self, offered, senco):
        with pytest.raises(Invalid) as found:
            meetings.note_held(
                by=make.acting_as(senco),
                meeting_id=offered.id,
                held_on=clock.today() + timedelta(days=1),
                agreed=" ",
            )
        assert set(found.value.fields) == {"held_on", "agreed"}

    def test_is_the_end(self, offered, senco, parent):
        by = make.acting_as(senco)
        meetings.call_off(by=by, meeting_id=offered.id, why="Snow")
        assert told(parent, "meeting called off") == 1
        with pytest.raises(InvalidTransition, match="over"):
            meetings.note_held(
                by=by, meeting_id=offered.id, held_on=clock.today(), agreed="Nothing"
            )
        with pytest.raises(InvalidTransition):
            meetings.choose_time(
                by=make.acting_as(parent), meeting_id=offered.id, starts_at=offered.times[0]
            )

    def test_is_never_the_family_s_to_write(self, offered, parent):
        by = make.acting_as(parent)
        for act, values in (
            (meetings.note_held, {"held_on": clock.today(), "agreed": "Everything"}),
            (meetings.call_off, {"why": "x"}),
        ):
            with pytest.raises(Refused):
                act(by=by, meeting_id=offered.id, **values)
        refused = r"chooses the time|row-level"
        with pytest.raises(DatabaseError, match=refused), transaction.atomic():
            Meeting.objects.update(state="held", held_on=clock.today(), agreed="x")


class TestWhoSees:
    def test_of_the_family_only_those_invited(self, offered, robin, parent):
        other = make.parent(robin)
        make.acting_as(other)
        assert not Meeting.objects.exists()
        assert browser(other).get(f"/family/meetings/{offered.id}/").status_code == 404
        assert "Choose a time" not in browser(other).get(f"/family/{robin.id}/").content.decode()
        with pytest.raises(NotVisible):
            meetings.choose_time(
                by=make.acting_as(other), meeting_id=offered.id, starts_at=offered.times[0]
            )
        assert told(other, "meeting offered") == 0

    def test_nobody_from_whom_it_is_withheld_where_the_child_is(
        self, offered, parent, senco, robin
    ):
        whereabouts.withhold_where(by=make.acting_as(senco), learner=robin, reason="Refuge")
        make.acting_as(parent)
        assert not Meeting.objects.exists()
        page = browser(parent).get(f"/family/{robin.id}/").content.decode()
        assert "Fernhill" not in page
        assert "Who to ring" not in page

    def test_no_stranger(self, offered, school):
        for person in (make.staff("senco", make.setting()), make.staff("governor", school)):
            assert browser(person).get(f"/meetings/{offered.id}/").status_code == 404


class TestTheCalendarFile:
    def test_names_nobody_and_no_place(self, offered, parent, robin, school):
        at = offered.times[0]
        meetings.choose_time(by=make.acting_as(parent), meeting_id=offered.id, starts_at=at)
        answer = browser(parent).get(f"/meetings/{offered.id}/meeting.ics")
        assert answer["Content-Type"].startswith("text/calendar")
        said = answer.content.decode()
        assert f"DTSTART:{at:%Y%m%dT%H%M%SZ}" in said
        for secret in (robin.known_given, robin.known_family, parent.name, school.name, "Sue"):
            assert secret not in said

    def test_is_there_when_a_time_is_chosen(self, offered, parent):
        assert browser(parent).get(f"/meetings/{offered.id}/meeting.ics").status_code == 404

    def test_is_as_calendars_read_it(self, offered):
        lines = calendar_file.event(
            key=offered.id, starts_at=NOON, minutes=45, made_at=NOON, title="T", link="https://x/"
        ).split(b"\r\n")
        assert lines[0] == b"BEGIN:VCALENDAR"
        assert lines[-2:] == [b"END:VCALENDAR", b""]
        assert b"DTEND:20260302T124500Z" in lines


class TestReminding:
    @pytest.fixture
    def booked(self, offered, parent) -> Meeting:
        by = make.acting_as(parent)
        return meetings.choose_time(by=by, meeting_id=offered.id, starts_at=offered.times[0])

    def test_the_day_before_and_once(self, booked, parent, robin):
        assert meetings.remind(waking=ALWAYS) == 0
        move_clock(2)
        send_due()
        mail.outbox.clear()
        for _ in range(3):
            assert meetings.remind(waking=ALWAYS) == 1
        send_due()
        told_of = [m for m in mail.outbox if "Tomorrow" in m.subject + m.body]
        assert len(told_of) == 1
        assert robin.known_given not in told_of[0].body

    def test_not_at_night(self, booked):
        move_clock(2)
        assert meetings.remind(waking=range(0)) == 0

    def test_not_of_what_is_called_off(self, booked, senco):
        meetings.call_off(by=make.acting_as(senco), meeting_id=booked.id, why="Snow")
        move_clock(2)
        assert meetings.remind(waking=ALWAYS) == 0


class TestWhenTheRecordEnds:
    def test_a_death_calls_it_off_and_nobody_is_told(self, offered, senco, parent, robin):
        by = make.acting_as(senco)
        death.note_death(by=by, learner_id=robin.id, died_on=clock.today(), told_by="Her aunt")
        with as_owner():
            assert Meeting.objects.get().state == "called off"
        assert told(parent, "meeting called off") == 0

    def test_so_does_the_passing_of_the_record(self, offered, senco, parent, robin, school):
        meetings.choose_time(
            by=make.acting_as(parent), meeting_id=offered.id, starts_at=offered.times[0]
        )
        self.passes(senco, robin, school)
        with as_owner():
            assert Meeting.objects.get().state == "called off"
        page = browser(parent).get(f"/family/meetings/{offered.id}/").content.decode()
        assert "The record has passed on." in page

    def test_and_those_invited_are_told(self, offered, senco, parent, robin, school):
        other = make.parent(robin)
        self.passes(senco, robin, school)
        assert (told(parent, "meeting called off"), told(other, "meeting called off")) == (1, 0)

    def test_but_not_of_a_time_that_is_past(self, offered, senco, parent, robin, school):
        move_clock(9)
        self.passes(senco, robin, school)
        assert told(parent, "meeting called off") == 0

    def test_nor_whoever_may_not_know_where_the_child_is(
        self, offered, senco, parent, robin, school
    ):
        whereabouts.withhold_where(by=make.acting_as(senco), learner=robin, reason="Refuge")
        self.passes(senco, robin, school)
        assert told(parent, "meeting called off") == 0

    def passes(self, senco: User, robin: Learner, school: Any) -> None:
        places.leave_without_place(
            by=make.acting_as(senco), learner=robin, local_area=school.local_area, why="home"
        )
