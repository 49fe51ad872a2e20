"""Support checks: one tap a half term says whether a support happens, and the family sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.access import grants, rls
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners import whereabouts
from apps.learners.models import Learner, TeachingGroup, TeachingGroupMember
from apps.lives.actions import death
from apps.notifications.models import Notification
from apps.post import actions as post
from apps.post import choices, words
from apps.post.models import Message, When
from apps.reviews import checks
from apps.reviews.actions import supports
from apps.reviews.actions.supports import check_support, remind_to_check
from apps.reviews.models import Statement, SupportCheck
from apps.settings import calendar
from apps.settings.models import Setting
from tests import factories as make
from tests.integration.test_query_counts import queries
from tests.support.calendar import move_clock
from tests.support.database import as_owner
from tests.support.world import build

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
TUESDAY = 1
WHY = "Ms Poole was away for two weeks"


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


def page(person: User, address: str, **sent: str) -> Any:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client.post(address, sent) if sent else client.get(address)


def says(who: User, support: Statement, answer: str, why: str = "") -> SupportCheck:
    return check_support(by=make.acting_as(who), statement_id=support.id, answer=answer, why=why)


def test_one_tap_says_it_and_the_family_sees_it(
    world: dict[str, Any], robin: Learner, support: Statement
) -> None:
    teacher, mother = world["people"]["teacher"], world["people"]["parent"]
    assert "Nobody has said yet" in page(mother, f"/family/{robin.id}/").content.decode()
    assert "As planned" in page(teacher, "/classes/support/").content.decode()
    tapped = page(teacher, f"/classes/support/{support.id}/", answer="as planned")
    assert tapped.status_code == 302
    shown = page(mother, f"/family/{robin.id}/").content.decode()
    assert "is it happening?" in shown
    assert "As planned" in shown
    assert "Nobody has said yet" not in shown


def test_what_is_not_as_planned_asks_why_and_comes_to_the_senco(
    world: dict[str, Any], support: Statement
) -> None:
    teacher, senco = world["people"]["teacher"], world["people"]["senco"]
    asked = page(teacher, f"/classes/support/{support.id}/", answer="not")
    assert asked.status_code == 200
    assert "There is a problem" not in asked.content.decode()
    unsaid = page(teacher, f"/classes/support/{support.id}/", answer="not", why=" ")
    assert "Say why, so that somebody can put it right." in unsaid.content.decode()
    said = page(teacher, f"/classes/support/{support.id}/", answer="not", why=WHY)
    assert said.status_code == 302
    home = page(senco, "/home/").content.decode()
    assert "Support that is not happening as planned" in home
    assert WHY in home


def test_a_later_answer_of_the_half_term_takes_the_place_of_an_earlier_one(
    world: dict[str, Any], robin: Learner, support: Statement
) -> None:
    says(world["people"]["teacher"], support, "not", WHY)
    says(world["people"]["senco"], support, "as planned")
    senco = make.acting_as(world["people"]["senco"])
    check = SupportCheck.objects.get()
    assert (check.answer, check.why) == ("as planned", "")
    assert checks.not_happening(senco, world["school"]) == []


def test_each_half_term_is_asked_anew(world: dict[str, Any], support: Statement) -> None:
    says(world["people"]["teacher"], support, "as planned")
    teacher = make.acting_as(world["people"]["teacher"])
    assert checks.given_by(teacher)[0].to_check == 0
    half = calendar.half_term_on(clock.today(), world["school"])
    with clock.shifted((half.ends_on - clock.today()).days + 30):
        rls.set_context(teacher)
        assert checks.given_by(teacher)[0].to_check == 1


def test_the_halves_of_a_term_meet_and_a_holiday_belongs_to_the_half_before() -> None:
    term = calendar.term_on(clock.today(), None)
    for day, half in (
        (term.starts_on, 1),
        (term.half_term_starts_on, 1),
        (term.half_term_ends_on, 2),
        (term.ends_on, 2),
    ):
        assert calendar.half_term_on(day, None).half == half
        assert calendar.half_term_on(day, None).term == term.term


def test_only_those_who_work_with_the_learner_say_so(
    world: dict[str, Any], support: Statement
) -> None:
    for who, refusal in (
        ("parent", Refused),
        ("head", Refused),
        ("officer", Refused),
        ("neighbour", NotVisible),
        ("stranger", NotVisible),
        ("governor", NotVisible),
    ):
        with pytest.raises(refusal):
            says(world["people"][who], support, "as planned")


def test_a_strength_and_a_support_that_is_over_are_not_checked(
    world: dict[str, Any], support: Statement
) -> None:
    with as_owner():
        Statement.objects.filter(pk=support.pk).update(withdrawn_no=2)
        strength = Statement.objects.get(pk=world["kwargs"]["statement_id"])
    for statement in (support, strength):
        with pytest.raises(NotVisible):
            says(world["people"]["teacher"], statement, "as planned")


def test_the_database_takes_no_check_of_family_or_in_anothers_name(
    world: dict[str, Any], robin: Learner, support: Statement
) -> None:
    for who, author in (("parent", "parent"), ("teacher", "senco"), ("head", "head")):
        make.acting_as(world["people"][who])
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            SupportCheck.objects.create(
                learner=robin,
                statement=support,
                year=2026,
                term="autumn",
                half=1,
                answer="as planned",
                author=world["people"][author],
                author_name="A",
                said_at=clock.now(),
            )


def test_a_check_is_read_by_whoever_reads_the_support(
    world: dict[str, Any], robin: Learner, support: Statement
) -> None:
    with as_owner():
        hidden = Statement.objects.create(
            record_id=support.record_id,
            learner=robin,
            kind="support",
            text="A quiet word each morning.",
            audience="staff",
            audience_reason="Safeguarding",
            introduced_no=1,
        )
    says(world["people"]["teacher"], support, "as planned")
    says(world["people"]["teacher"], hidden, "not", WHY)
    for who, number in (("head", 2), ("parent", 1), ("neighbour", 0), ("stranger", 0)):
        make.acting_as(world["people"][who])
        assert SupportCheck.objects.count() == number
    assert WHY not in page(world["people"]["parent"], f"/family/{robin.id}/").content.decode()


def test_an_adult_who_may_not_know_where_reads_none(
    world: dict[str, Any], robin: Learner, support: Statement
) -> None:
    says(world["people"]["teacher"], support, "not", WHY)
    whereabouts.withhold_where(
        by=make.acting_as(world["people"]["senco"]), learner=robin, reason="Refuge", may_know=[]
    )
    make.acting_as(world["people"]["parent"])
    assert SupportCheck.objects.count() == 0
    shown = page(world["people"]["parent"], f"/family/{robin.id}/").content.decode()
    assert WHY not in shown
    assert "Nobody has said yet" not in shown


def test_nobody_checks_the_support_of_a_child_who_has_died(
    world: dict[str, Any], robin: Learner, support: Statement
) -> None:
    death.note_death(
        by=make.acting_as(world["people"]["senco"]),
        learner_id=robin.id,
        died_on=clock.today() - timedelta(days=1),
        told_by="The family",
    )
    with pytest.raises((InvalidTransition, NotVisible)):
        says(world["people"]["senco"], support, "as planned")


def test_not_as_planned_without_a_reason_is_refused(
    world: dict[str, Any], support: Statement
) -> None:
    for answer, why in (("partly", " "), ("not", ""), ("perhaps", WHY)):
        with pytest.raises(Invalid):
            says(world["people"]["teacher"], support, answer, why)


def test_the_page_is_as_many_queries_for_one_as_for_many(
    world: dict[str, Any], robin: Learner, support: Statement
) -> None:
    teacher = world["people"]["teacher"]
    one = queries(teacher, "/classes/support/")
    with as_owner():
        Statement.objects.bulk_create(
            Statement(
                record_id=support.record_id,
                learner=robin,
                kind="support",
                text=f"Support {n}.",
                introduced_no=1,
            )
            for n in range(20)
        )
    many = queries(teacher, "/classes/support/")
    assert len(one) == len(many) <= 9, "\n".join(many)


class TestReminding:
    """One line in the weekly digest while supports are not checked; no name, no need."""

    def days(self, school: Setting) -> list[int]:
        """How many days from now are the next school days from the third week of a half term on."""
        found = []
        for n in range(120):
            day = clock.today() + timedelta(days=n)
            begun = calendar.half_term_on(day, school).starts_on + supports.FIRST_ASKED <= day
            if begun and calendar.is_school_day(day, calendar.terms_around(day, school)):
                found.append(n)
        return found

    def remind(self, school: Setting, **values: Any) -> int:
        values.setdefault("before_digest", timedelta(days=7))
        with rls.acting(grants.worker(school.id)) as worker:
            return remind_to_check(by=worker, setting=school, **values)

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

    def test_nobody_is_told_in_holidays_or_in_the_first_two_weeks(
        self, world: dict[str, Any], support: Statement
    ) -> None:
        asked = set(self.days(world["school"]))
        for n in sorted(set(range(100)) - asked)[::9]:
            move_clock(n)
            assert self.remind(world["school"]) == 0

    def test_nobody_is_told_long_before_the_digest(
        self, world: dict[str, Any], support: Statement
    ) -> None:
        tuesday = next(
            n
            for n in self.days(world["school"])
            if (clock.today() + timedelta(days=n)).weekday() == TUESDAY
        )
        move_clock(tuesday)
        assert self.remind(world["school"], before_digest=supports.BEFORE_DIGEST) == 0

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

    def test_the_teacher_s_first_page_says_how_many(
        self, world: dict[str, Any], support: Statement
    ) -> None:
        teacher = world["people"]["teacher"]
        assert "<b>1</b> support to check</a>" in page(teacher, "/classes/").content.decode()
        says(teacher, support, "as planned")
        assert "all is said for this half term" in page(teacher, "/classes/").content.decode()
