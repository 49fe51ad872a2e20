"""Support checks: one tap a half term says whether a support happens, and the family sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.access import rls
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners import whereabouts
from apps.learners.models import Learner
from apps.lives.actions import death
from apps.reviews import checks
from apps.reviews.actions.supports import check_support
from apps.reviews.models import Statement, SupportCheck
from apps.settings import calendar
from tests import factories as make
from tests.integration.test_query_counts import queries
from tests.support.calendar import move_clock
from tests.support.database import as_owner
from tests.support.world import build

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
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


def test_the_teacher_s_first_page_says_how_many(world: dict[str, Any], support: Statement) -> None:
    teacher = world["people"]["teacher"]
    move_clock(21)
    assert "<b>1</b> support to check</a>" in page(teacher, "/classes/").content.decode()
    says(teacher, support, "as planned")
    assert "all is said for this half term" in page(teacher, "/classes/").content.decode()
