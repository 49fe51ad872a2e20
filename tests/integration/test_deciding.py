"""From the end of compulsory school age the young person decides who of the family reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.access.permissions import Right
from apps.accounts.models import User
from apps.audit.models import Event
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.common.models import ClockShift
from apps.common.terms import comes_of_age, decides_from
from apps.learners import actions as learners
from apps.learners import deciding, family, policy
from apps.learners.deciding import Capacity
from apps.learners.models import Decision, FamilyMember, Learner, LearnerAccess
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
DAY_ONE = timedelta(days=1)


@contextmanager
def on(day: date) -> Iterator[None]:
    """A day: the clock that Python, the database and every page read."""
    days = (day - clock.today()).days
    ClockShift.objects.update_or_create(pk=1, defaults={"days": days})
    with clock.shifted(days):
        yield
    ClockShift.objects.all().delete()


@pytest.fixture
def school() -> Any:
    return make.setting(phase="secondary")


@pytest.fixture
def senco(school: Any) -> User:
    return make.staff("senco", school)


@pytest.fixture
def sol(school: Any) -> Learner:
    """In Year 10 now: their day is still to come."""
    born = date(clock.today().year - 15, clock.today().month, 1)
    return make.learner(school, year_group=10, date_of_birth=born)


def joins(senco: User, sol: Learner, relation: str = "mother") -> User:
    """Somebody of the family who has joined with a code."""
    person = make.user(f"The {relation}")
    by = make.acting_as(senco)
    member = family.add_family_member(
        by=by, learner=sol, values={"name": person.name, "relation": relation}
    )
    family.open_to_family(by=by, member=member, user_id=person.id)
    return person


def member_of(person: User) -> FamilyMember:
    with as_owner():
        return FamilyMember.objects.get(user=person)


def right(person: User, sol: Learner) -> Right | None:
    """What both walls let a person do: the policy's answer, and whether the database shows it."""
    actor = make.acting_as(person)
    found = policy.right_of(actor, sol.id)
    assert Learner.objects.filter(pk=sol.id).exists() is (found is not None)
    return found


def says(by: User, sol: Learner, answer: str, **values: Any) -> Decision:
    return deciding.answer(by=make.acting_as(by), learner=sol, answer=answer, **values)


def able(**changed: Any) -> Capacity:
    values = {
        "assessed_by": "Dr Grey, paediatrician",
        "assessed_on": clock.today(),
        "assessed_how": "Talked it through twice, with pictures",
        "review_by": clock.today() + timedelta(days=300),
    }
    return Capacity(**{**values, **changed})


class TestWithoutAnAnswer:
    def test_parents_contribute_until_the_day_read_until_18_and_then_nothing(
        self, senco: User, sol: Learner
    ) -> None:
        mother = joins(senco, sol)
        day, adult = decides_from(sol.date_of_birth), comes_of_age(sol.date_of_birth)
        expected = {
            clock.today(): Right.CONTRIBUTE,
            day - DAY_ONE: Right.CONTRIBUTE,
            day: Right.READ,
            adult - DAY_ONE: Right.READ,
            adult: None,
        }
        got = {}
        for when in expected:
            with on(when):
                got[when] = right(mother, sol)
        assert got == expected

    def test_the_young_person_reads_and_contributes_throughout(
        self, senco: User, sol: Learner
    ) -> None:
        own = joins(senco, sol, "self")
        for when in (clock.today(), decides_from(sol.date_of_birth), date(2040, 1, 1)):
            with on(when):
                assert right(own, sol) is Right.CONTRIBUTE

    def test_an_adult_who_joins_after_the_day_sees_nothing_until_the_young_person_agrees(
        self, senco: User, sol: Learner
    ) -> None:
        own = joins(senco, sol, "self")
        with on(decides_from(sol.date_of_birth)):
            father = joins(senco, sol, "father")
            assert right(father, sol) is None
            says(own, sol, "agrees")
            assert right(father, sol) is Right.CONTRIBUTE
            uncle = joins(senco, sol, "other")
            assert right(uncle, sol) is None

    def test_a_corrected_birth_date_moves_the_days(self, senco: User, sol: Learner) -> None:
        mother = joins(senco, sol)
        with as_owner():
            FamilyMember.objects.update(joined_on=make.LONG_AGO, access_from=make.LONG_AGO)
        older = sol.date_of_birth.replace(year=sol.date_of_birth.year - 2)
        learners.update_learner(
            by=make.acting_as(senco), learner=sol, values={"date_of_birth": older}
        )
        assert right(mother, sol) is Right.READ
        with on(comes_of_age(older)):
            assert right(mother, sol) is None


class TestAnswers:
    def test_agreeing_lets_every_adult_go_on_after_18_too(self, senco: User, sol: Learner) -> None:
        mother, own = joins(senco, sol), joins(senco, sol, "self")
        with on(decides_from(sol.date_of_birth)):
            says(own, sol, "agrees")
            assert right(mother, sol) is Right.CONTRIBUTE
        with on(comes_of_age(sol.date_of_birth)):
            assert right(mother, sol) is Right.CONTRIBUTE

    def test_in_part_names_which_adults_and_how_much(self, senco: User, sol: Learner) -> None:
        mother, father = joins(senco, sol), joins(senco, sol, "father")
        own = joins(senco, sol, "self")
        with on(decides_from(sol.date_of_birth)):
            says(own, sol, "in part", adults={member_of(mother).id: "read"})
            assert (right(mother, sol), right(father, sol)) == (Right.READ, None)

    def test_ending_access_is_one_step_and_true_at_the_next_request(
        self, senco: User, sol: Learner
    ) -> None:
        mother, own = joins(senco, sol), joins(senco, sol, "self")
        browser = Client()
        with on(decides_from(sol.date_of_birth)):
            browser.force_login(mother, backend=BACKEND)
            assert browser.get(f"/family/{sol.id}/").status_code == 200
            says(own, sol, "not")
            assert browser.get(f"/family/{sol.id}/").status_code == 404

    def test_written_early_by_the_holder_it_counts_from_the_day(
        self, senco: User, sol: Learner
    ) -> None:
        mother = joins(senco, sol)
        kept = says(senco, sol, "not")
        assert kept.in_own_name is False
        assert right(mother, sol) is Right.CONTRIBUTE
        with on(decides_from(sol.date_of_birth)):
            assert right(mother, sol) is None

    def test_a_new_answer_counts_and_the_history_stays(self, senco: User, sol: Learner) -> None:
        mother, own = joins(senco, sol), joins(senco, sol, "self")
        with on(decides_from(sol.date_of_birth)):
            deciding.ask(by=make.acting_as(senco), learner=sol)
            says(own, sol, "not")
            says(senco, sol, "agrees")
            assert right(mother, sol) is Right.CONTRIBUTE
        with as_owner():
            kept = Decision.objects.filter(learner=sol).order_by("said_at", "id")
            assert [(d.answer, d.in_own_name) for d in kept] == [
                ("asked", False),
                ("not", True),
                ("agrees", False),
            ]
            done = Event.objects.filter(learner_id=sol.id, action="answered who may read")
            assert {e.actor_id for e in done} == {own.id, senco.id}

    def test_asking_alone_changes_nothing(self, senco: User, sol: Learner) -> None:
        mother = joins(senco, sol)
        deciding.ask(by=make.acting_as(senco), learner=sol)
        assert right(mother, sol) is Right.CONTRIBUTE


class TestCapacity:
    def test_a_representative_goes_on_until_the_day_to_decide_again(
        self, senco: User, sol: Learner
    ) -> None:
        mother, father = joins(senco, sol), joins(senco, sol, "father")
        with on(decides_from(sol.date_of_birth)):
            until = clock.today() + timedelta(days=300)
            for_them = {member_of(mother).id: "contribute"}
            says(senco, sol, "capacity", adults=for_them, capacity=able(review_by=until))
            assert (right(mother, sol), right(father, sol)) == (Right.CONTRIBUTE, None)
        with on(until - DAY_ONE):
            assert right(mother, sol) is Right.CONTRIBUTE
        with on(until):
            assert right(mother, sol) is None

    @pytest.mark.parametrize(
        "missing", ["assessed_by", "assessed_on", "assessed_how", "review_by", "adults"]
    )
    def test_it_says_who_decided_when_how_until_when_and_who_speaks(
        self, senco: User, sol: Learner, missing: str
    ) -> None:
        mother = joins(senco, sol)
        adults = {} if missing == "adults" else {member_of(mother).id: "contribute"}
        empty: dict[str, Any] = {"assessed_by": " ", "assessed_how": ""}
        changed = {} if missing == "adults" else {missing: empty.get(missing)}
        with pytest.raises(Invalid) as refused:
            says(senco, sol, "capacity", adults=adults, capacity=able(**changed))
        assert set(refused.value.fields) == {missing}

    def test_nobody_says_it_of_themself(self, senco: User, sol: Learner) -> None:
        own, mother = joins(senco, sol, "self"), joins(senco, sol)
        with on(decides_from(sol.date_of_birth)), pytest.raises(Invalid):
            says(own, sol, "capacity", adults={member_of(mother).id: "contribute"}, capacity=able())


class TestWhoMayAnswer:
    def test_the_young_person_not_before_the_day(self, senco: User, sol: Learner) -> None:
        own = joins(senco, sol, "self")
        with pytest.raises(InvalidTransition):
            says(own, sol, "not")

    def test_no_parent_and_no_stranger(self, senco: User, sol: Learner) -> None:
        mother = joins(senco, sol)
        neighbour = make.staff("senco", make.setting())
        for person, refusal in ((mother, Refused), (neighbour, NotVisible)):
            with pytest.raises(refusal):
                says(person, sol, "agrees")

    @pytest.mark.parametrize("answer", ["", "maybe", "asked"])
    def test_an_answer_is_one_of_the_answers(self, senco: User, sol: Learner, answer: str) -> None:
        with pytest.raises(Invalid):
            says(senco, sol, answer)

    def test_only_adults_of_this_family_are_named(self, senco: User, sol: Learner) -> None:
        other = make.parent(make.learner(make.setting()))
        own = joins(senco, sol, "self")
        for person in (other, own):
            with pytest.raises(Invalid, match="adults of the family"):
                says(senco, sol, "in part", adults={member_of(person).id: "read"})

    def test_the_database_refuses_an_answer_in_the_young_persons_name(
        self, senco: User, sol: Learner
    ) -> None:
        mother = joins(senco, sol)
        for person, own in ((mother, True), (mother, False), (senco, True)):
            make.acting_as(person)
            with (
                pytest.raises(DatabaseError, match="row-level security"),
                transaction.atomic(),
                connection.cursor() as cursor,
            ):
                cursor.execute(
                    "INSERT INTO learners_decision (learner_id, answer, said_at, said_on, said_by,"
                    " in_own_name, assessed_by, assessed_how)"
                    " VALUES (%s, 'agrees', now(), now(), '', %s, '', '')",
                    [sol.id, own],
                )

    def test_the_database_shows_answers_to_the_young_person_and_to_no_adult(
        self, senco: User, sol: Learner
    ) -> None:
        mother, own = joins(senco, sol), joins(senco, sol, "self")
        says(senco, sol, "in part", adults={member_of(mother).id: "read"})
        seen = {}
        for person in (mother, own, make.staff("senco", make.setting())):
            make.acting_as(person)
            seen[person] = Decision.objects.filter(learner=sol).count()
        assert list(seen.values()) == [0, 1, 0]

    def test_an_answer_is_never_rewritten(self, senco: User, sol: Learner) -> None:
        says(senco, sol, "agrees")
        with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
            Decision.objects.update(answer="not")


def test_the_young_person_gives_no_right_by_themself(senco: User, sol: Learner) -> None:
    """Their answer is theirs; the rows that follow are written for whoever keeps the record."""
    own = joins(senco, sol, "self")
    make.acting_as(own)
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        LearnerAccess.objects.create(
            learner=sol,
            grantee_kind="user",
            grantee_id=own.id,
            access_right="hold",
            reason="family",
            starts_on=clock.today(),
        )
