"""Reminding of supports that nobody checked: whom, when, and no word of whose they are."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.access import grants, rls
from apps.accounts.models import User
from apps.common import clock
from apps.learners.models import Learner, TeachingGroup, TeachingGroupMember
from apps.notifications.models import Notification
from apps.post import actions as post
from apps.post import choices, words
from apps.post.models import Message, When
from apps.reviews import checks
from apps.reviews.actions import supports
from apps.reviews.actions.places import attend_also
from apps.reviews.actions.supports import remind_to_check
from apps.reviews.models import Statement
from apps.settings.models import Setting, TermDate
from tests import factories as make
from tests.integration.test_support_checks import page, says
from tests.support.calendar import move_clock
from tests.support.database import as_owner
from tests.support.history import reviewed
from tests.support.world import build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> dict[str, Any]:
    return build()


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    return Learner.objects.get(pk=world["kwargs"]["learner_id"])


@pytest.fixture
def support(world: dict[str, Any]) -> Statement:
    with as_owner():
        return Statement.objects.get(pk=world["kwargs"]["support_id"])


class TestReminding:
    """One line in the weekly digest while supports are not checked; no name, no need."""

    def days(self, school: Setting) -> list[int]:
        """How many days from now are the next on which a setting is reminded all day long.

        The support of `world` has been given for a while by then.
        """
        noon = timezone.localtime(clock.now()).replace(hour=12)
        later = ((n, noon + timedelta(days=n)) for n in range(21, 150))
        return [n for n, now in later if now.weekday() and supports.asked_at(now, school)]

    def remind(self, school: Setting) -> int:
        with rls.acting(grants.worker(school.id)) as worker:
            return remind_to_check(by=worker, setting=school)

    def lines(self, who: User) -> list[str]:
        with as_owner():
            rows = Notification.objects.filter(recipient_id=who.id, kind="supports to check")
            return [f"{n.text} {n.link}" for n in rows]

    def test_whoever_teaches_the_learner_is_told_once_a_week(
        self, world: dict[str, Any], support: Statement
    ) -> None:
        teacher = world["people"]["teacher"]
        first, *later = self.days(world["school"])
        move_clock(first)
        assert self.remind(world["school"]) == self.remind(world["school"]) == 1
        assert self.lines(teacher) == [
            "There is support to check: is it happening? /classes/support/"
        ]
        move_clock(next(n for n in later if n >= first + 7))
        self.remind(world["school"])
        assert len(self.lines(teacher)) == 2

    def test_it_comes_with_the_digest_and_says_no_more_than_that_there_is_something(
        self, world: dict[str, Any], robin: Learner, support: Statement
    ) -> None:
        move_clock(self.days(world["school"])[0])
        self.remind(world["school"])
        with as_owner():
            told = Notification.objects.get(kind="supports to check")
        post.hand_out(told.id)
        with rls.acting(grants.worker()):
            message = Message.objects.get(notification=told)
        assert message.not_before == choices.due(When.WEEKLY)
        said = words.email([told])
        assert "support for you to check" in said.text
        for secret in (robin.known_given, robin.known_family, support.text, "Fernhill"):
            assert secret not in f"{said.subject} {said.text} {told.text}"

    def test_who_said_it_is_not_reminded(self, world: dict[str, Any], support: Statement) -> None:
        move_clock(self.days(world["school"])[0])
        says(world["people"]["teacher"], support, "as planned")
        assert self.remind(world["school"]) == 0

    @pytest.mark.parametrize(
        ("now", "asked"),
        [
            ("2026-09-14 12:00", False),  # the term began on 2 September
            ("2026-09-21 05:59", False),
            ("2026-09-21 06:00", True),  # an hour and a half before the digest
            ("2026-09-21 09:00", True),  # there was no worker until then
            ("2026-09-25 16:00", True),
            ("2026-09-26 12:00", False),
            ("2026-09-27 23:00", False),
            ("2026-10-26 06:00", False),  # half term
            ("2026-11-02 06:00", False),  # a new half
            ("2026-11-16 06:00", True),
            ("2026-05-04 06:00", True),  # a bank holiday: the week begins on Tuesday
            ("2026-04-06 06:00", False),  # Easter holidays
        ],
    )
    def test_from_shortly_before_the_digest_until_the_school_week_is_over(
        self, now: str, asked: bool
    ) -> None:
        school = make.setting()
        with as_owner():
            for year, term, *days in (
                (2025, "summer", "2026-04-13", "2026-05-25", "2026-06-01", "2026-07-22"),
                (2026, "autumn", "2026-09-02", "2026-10-26", "2026-11-02", "2026-12-19"),
            ):
                starts, half, after, ends = map(date.fromisoformat, days)
                TermDate.objects.create(
                    setting=school,
                    year=year,
                    term=term,
                    starts_on=starts,
                    half_term_starts_on=half,
                    half_term_ends_on=after,
                    ends_on=ends,
                    reviews_start_on=after,
                    reviews_end_on=ends,
                )
        at = timezone.make_aware(datetime.fromisoformat(now))
        assert supports.asked_at(at, school) is asked

    def test_nobody_is_asked_about_what_was_signed_the_other_day(
        self, world: dict[str, Any], robin: Learner, support: Statement
    ) -> None:
        teacher, school = world["people"]["teacher"], world["school"]
        first = self.days(school)[0]
        move_clock(first)
        reviewed(robin, (2026, "autumn"))
        with as_owner():
            latest = robin.record.last_number
            Statement.objects.filter(pk=support.pk).update(withdrawn_no=latest)
            support.pk, support.introduced_no = None, latest  # a new one, signed today
            support.save(force_insert=True)
        assert self.remind(school) == 0
        assert "support to check</a>" not in page(teacher, "/classes/").content.decode()
        assert "All is said" in page(teacher, "/classes/support/").content.decode()
        move_clock(first + self.days(school)[0])
        assert self.remind(school) == 1

    def test_who_teaches_another_group_or_works_elsewhere_is_not(
        self, world: dict[str, Any], robin: Learner, support: Statement
    ) -> None:
        school = world["school"]
        with as_owner():
            mine, other = (
                TeachingGroup.objects.create(setting=school, name=name, year=2026)
                for name in ("4B", "5C")
            )
            TeachingGroupMember.objects.create(group=mine, learner=robin)
        zoe, ann = make.staff("teacher", school), make.staff("teacher", school)
        with as_owner():
            zoe.memberships.update(group_ids=[mine.id])
            ann.memberships.update(group_ids=[other.id])
        move_clock(self.days(school)[0])
        elsewhere = make.staff("teacher", make.setting(), whole_setting=True)
        self.remind(school)
        assert [len(self.lines(who)) for who in (zoe, ann, elsewhere)] == [1, 0, 0]
        assert self.lines(world["people"]["teacher"]) == []

    def test_many_who_have_the_whole_setting_are_not_asked_about_everybody(
        self, world: dict[str, Any], support: Statement
    ) -> None:
        move_clock(self.days(world["school"])[0])
        for _ in range(checks.FEW):
            make.staff("teacher", world["school"], whole_setting=True)
        assert self.remind(world["school"]) == 0

    def test_what_is_said_at_one_of_two_settings_is_said_at_both(
        self, world: dict[str, Any], robin: Learner, support: Statement
    ) -> None:
        school, other = world["school"], world["other"]
        senco = make.acting_as(world["people"]["senco"])
        attend_also(by=senco, learner=robin, setting=other, kind="subsidiary", year_group=6)
        theirs = make.staff("teacher", other, whole_setting=True)
        days = self.days(school)
        move_clock(next(n for n in days if n - 7 in days))
        begun = checks.given_since(clock.today())
        with as_owner():  # the other setting has a calendar of its own, with other terms
            TermDate.objects.create(
                setting=other,
                year=1999,
                term="summer",
                starts_on=begun,
                half_term_starts_on=begun + timedelta(days=40),
                half_term_ends_on=begun + timedelta(days=47),
                ends_on=begun + timedelta(days=80),
                reviews_start_on=begun,
                reviews_end_on=begun + timedelta(days=80),
            )
        assert "<b>1</b> support to check" in page(theirs, "/classes/").content.decode()
        assert self.remind(other) == self.remind(school) == 1
        says(theirs, support, "as planned")
        assert "all is said" in page(theirs, "/classes/").content.decode()
        assert "All is said" in page(theirs, "/classes/support/").content.decode()
        assert self.remind(other) == self.remind(school) == 0
