"""A teacher's class round: one page a class, a mark for each support, nothing typed is lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Refused
from apps.learners import selectors as learners
from apps.learners.models import Learner, LearnerAccess
from apps.reviews import rounds
from apps.reviews.actions.rounds import answer_round
from apps.reviews.actions.supports import check_support
from apps.reviews.models import (
    Ask,
    Contribution,
    LearnerRecord,
    Review,
    Statement,
    SupportCheck,
    SupportSeen,
)
from tests import factories as make
from tests.support.database import as_owner
from tests.support.world import build

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
ROUND = "/classes/round/"


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


@pytest.fixture
def teacher(world: dict[str, Any]) -> User:
    person: User = world["people"]["teacher"]
    return person


@pytest.fixture
def second(world: dict[str, Any], teacher: User, robin: Learner) -> Learner:
    """Another learner of the round, with nothing but a name."""
    other = Learner.objects.get(pk=world["kwargs"]["other_id"])
    with as_owner():
        first = Review.objects.get(pk=world["kwargs"]["review_id"])
        review = Review.objects.create(
            record=LearnerRecord.objects.create(learner=other, started_on=clock.today()),
            learner=other,
            setting=first.setting,
            framework=first.framework,
            kind="termly",
            year=first.year,
            term=first.term,
            opened_at=clock.now(),
        )
        Ask.objects.create(
            review=review,
            learner=other,
            voice="teacher",
            user=teacher,
            name=teacher.name,
            asked_by="The senco",
            asked_at=clock.now(),
            due_on=clock.today() + timedelta(days=7),
        )
    return other


def page(person: User, address: str, **sent: str) -> Any:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client.post(address, sent) if sent else client.get(address)


def signed_off(learner: Learner) -> None:
    """The learner's review is signed off while the teacher writes."""
    with as_owner():
        Review.objects.filter(learner=learner, state="open").update(
            state="signed off", number=2, signed_off_at=clock.now(), sha256="0" * 64
        )


def mark(learner: Learner, support: Statement, value: str, note: str = "") -> dict[str, str]:
    return {
        f"{learner.id}-mark-{support.id}": value,
        f"{learner.id}-note-{support.id}": note,
    }


def test_a_class_is_a_page_with_how_many_are_done(
    teacher: User, robin: Learner, second: Learner, support: Statement
) -> None:
    shown = page(teacher, ROUND).content.decode()
    assert "0 of 2" in shown
    assert support.text in shown
    assert page(teacher, ROUND, **mark(robin, support, "works")).status_code == 302
    shown = page(teacher, ROUND).content.decode()
    assert "1 of 2" in shown
    assert support.text not in shown


def test_one_post_keeps_the_view_and_checks_the_support(
    world: dict[str, Any], teacher: User, robin: Learner, support: Statement
) -> None:
    page(teacher, ROUND, **mark(robin, support, "partly", "Only on Mondays"))
    make.acting_as(world["people"]["senco"])
    said = Contribution.objects.get(learner=robin)
    assert (said.voice, said.on_support) == ("teacher", True)
    assert str(said.review_id) == str(world["kwargs"]["review_id"])
    check = SupportCheck.objects.get()
    assert (check.answer, check.why) == ("partly", "Only on Mondays")
    assert Ask.objects.get(user=teacher).state == "answered"


def test_all_of_it_works_is_one_key(
    world: dict[str, Any], teacher: User, robin: Learner, support: Statement
) -> None:
    with as_owner():
        Statement.objects.create(
            record_id=support.record_id, learner=robin, kind="support", text="B.", introduced_no=1
        )
    page(teacher, ROUND, **{f"{robin.id}-all_work": "on"})
    make.acting_as(world["people"]["senco"])
    assert list(SupportSeen.objects.values_list("mark", flat=True)) == ["works", "works"]


@pytest.mark.parametrize("value", ["not seen", "not working"])
def test_what_says_nothing_of_whether_it_happens_checks_nothing(
    world: dict[str, Any], teacher: User, robin: Learner, support: Statement, value: str
) -> None:
    page(teacher, ROUND, **mark(robin, support, value, "Noise"))
    make.acting_as(world["people"]["senco"])
    assert SupportSeen.objects.get().mark == value
    assert SupportCheck.objects.count() == 0


def test_a_check_that_somebody_tapped_stays(
    world: dict[str, Any], teacher: User, robin: Learner, support: Statement
) -> None:
    senco = make.acting_as(world["people"]["senco"])
    check_support(by=senco, statement_id=support.id, answer="not", why="No adult")
    page(teacher, ROUND, **mark(robin, support, "works"))
    make.acting_as(world["people"]["senco"])
    assert SupportCheck.objects.get().answer == "not"


def test_one_that_cannot_be_kept_stays_with_what_was_typed_and_the_rest_is_kept(
    teacher: User, robin: Learner, second: Learner, support: Statement
) -> None:
    sent = {
        **mark(robin, support, "not working"),
        f"{robin.id}-going_well": "Sings with the others",
        f"{second.id}-harder": "Mornings",
    }
    answer = page(teacher, ROUND, **sent)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "Say in a few words what you see." in shown
    assert f'href="#id_{robin.id}-note-{support.id}"' in shown
    assert "Sings with the others" in shown
    assert "1 of 2" in shown
    make.acting_as(teacher)
    assert Contribution.objects.filter(learner=second, harder="Mornings").exists()
    assert not Contribution.objects.filter(learner=robin).exists()


def test_what_she_says_of_one_whose_review_was_signed_off_meanwhile_is_for_the_next(
    world: dict[str, Any], teacher: User, robin: Learner, second: Learner, support: Statement
) -> None:
    signed_off(robin)
    sent = {
        **mark(robin, support, "partly", "Only on Mondays"),
        f"{second.id}-harder": "Mornings",
    }
    client = Client()
    client.force_login(teacher, backend=BACKEND)
    shown = client.post(ROUND, sent, follow=True).content.decode()
    assert "Thank you. 2 of 2" in shown
    assert "Of 1, the review was signed off meanwhile" in shown
    make.acting_as(world["people"]["senco"])
    assert Contribution.objects.get(learner=robin, review=None).supports.get().note
    assert Contribution.objects.get(learner=second).review_id


def test_so_it_is_where_the_whole_class_was_signed_off(
    teacher: User, robin: Learner, support: Statement
) -> None:
    signed_off(robin)
    answer = page(teacher, ROUND, **{f"{robin.id}-going_well": "Sings"}, **{"class": "4W"})
    assert answer.status_code == 302
    make.acting_as(teacher)
    assert Contribution.objects.get(learner=robin).going_well == "Sings"


def test_a_page_that_she_went_back_to_adds_what_is_new_and_nothing_twice(
    teacher: User, robin: Learner, support: Statement
) -> None:
    sent = {**mark(robin, support, "works"), f"{robin.id}-going_well": "Sings"}
    for words in ("Sings", "Sings ", "Sings with the others"):
        page(teacher, ROUND, **{**sent, f"{robin.id}-going_well": words})
    make.acting_as(teacher)
    said = Contribution.objects.filter(learner=robin).order_by("said_at")
    assert [c.going_well for c in said] == ["Sings", "Sings with the others"]


def test_what_was_said_of_a_support_that_has_ended_is_given_back(
    teacher: User, robin: Learner, support: Statement
) -> None:
    sent = {**mark(robin, support, "not working", "Noise"), f"{robin.id}-harder": "Assemblies"}
    signed_off(robin)
    with as_owner():
        Statement.objects.filter(pk=support.pk).update(withdrawn_no=2)
    answer = page(teacher, ROUND, **sent)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "has ended or changed" in shown and "“Noise”" in shown and "Assemblies" in shown
    make.acting_as(teacher)
    assert not Contribution.objects.filter(learner=robin).exists()


def test_all_of_it_is_what_was_on_the_page(
    teacher: User, robin: Learner, support: Statement
) -> None:
    signed_off(robin)
    with as_owner():
        Statement.objects.create(
            record_id=support.record_id, learner=robin, kind="support", text="B.", introduced_no=2
        )
    page(teacher, ROUND, **mark(robin, support, ""), **{f"{robin.id}-all_work": "on"})
    make.acting_as(teacher)
    assert SupportSeen.objects.get().statement_id == support.id


def test_what_was_said_of_one_whom_she_does_not_see_any_more_is_given_back(
    teacher: User, robin: Learner, second: Learner
) -> None:
    with as_owner():
        LearnerAccess.objects.filter(learner=second).update(ends_on=clock.today())
    sent = {f"{second.id}-harder": "Mornings", f"{robin.id}-going_well": "Sings"}
    answer = page(teacher, ROUND, **sent)
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert "could not be kept" in shown and "“Mornings”" in shown
    assert second.display_name not in shown
    make.acting_as(teacher)
    assert Contribution.objects.get().going_well == "Sings"


def test_what_came_in_stands_beside_its_support(
    world: dict[str, Any], teacher: User, robin: Learner, support: Statement
) -> None:
    page(teacher, ROUND, **mark(robin, support, "not working", "Noise in the hall"))
    for who, there in (("senco", True), ("parent", True), ("head", True)):
        actor = make.acting_as(world["people"][who])
        review = Review.objects.get(pk=world["kwargs"]["review_id"])
        found = rounds.said_of_supports(actor, learners.sight(actor, robin.id), review)
        assert (support.id in found) is there


def test_what_is_said_of_a_support_for_staff_only_is_for_staff_only(
    world: dict[str, Any], teacher: User, robin: Learner, support: Statement
) -> None:
    with as_owner():
        hidden = Statement.objects.create(
            record_id=support.record_id,
            learner=robin,
            kind="support",
            text="A quiet word.",
            audience="staff",
            audience_reason="Safeguarding",
            introduced_no=1,
        )
    page(teacher, ROUND, **mark(robin, hidden, "not working", "Not now"))
    for who, number in (("senco", 1), ("head", 1), ("parent", 0), ("neighbour", 0)):
        make.acting_as(world["people"][who])
        assert SupportSeen.objects.count() == number
    shown = page(world["people"]["parent"], f"/family/{robin.id}/").content.decode()
    assert "Not now" not in shown


def test_only_those_who_work_with_the_learner_answer(
    world: dict[str, Any], robin: Learner, support: Statement
) -> None:
    for who in ("parent", "head", "officer"):
        with pytest.raises(Refused):
            answer_round(
                by=make.acting_as(world["people"][who]),
                learner=robin,
                seen={support.id: ("works", "")},
            )


def test_the_database_keeps_a_mark_with_its_own_author_and_for_good(
    world: dict[str, Any], teacher: User, robin: Learner, support: Statement
) -> None:
    page(teacher, ROUND, **mark(robin, support, "works"))
    make.acting_as(world["people"]["senco"])
    said = Contribution.objects.get(learner=robin)
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        SupportSeen.objects.update(mark="not seen")
    make.acting_as(world["people"]["senco"])
    with as_owner():
        SupportSeen.objects.all().delete()
    make.acting_as(world["people"]["senco"])
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        SupportSeen.objects.create(
            learner=robin, contribution=said, statement=support, mark="works"
        )
