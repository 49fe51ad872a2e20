"""Asking for views: whom the setting chooses, one button, many at once, and reminders."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.access import grants, rls
from apps.access.models import Membership
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible, Refused
from apps.learners import family
from apps.learners.access_rows import Grantee
from apps.learners.models import (
    Enrolment,
    Learner,
    LearnerAccess,
    TeachingGroup,
    TeachingGroupMember,
)
from apps.notifications.models import Notification
from apps.reviews import asking
from apps.reviews.actions import asking as actions
from apps.reviews.actions import voices
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Ask, Review
from apps.settings.models import Setting
from tests import factories as make
from tests.integration.test_query_counts import queries
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SOON = timedelta(days=7)


@pytest.fixture
def school() -> Setting:
    return make.setting()


@pytest.fixture
def senco(school: Setting) -> User:
    return make.staff("senco", school)


def group(school: Setting, name: str) -> TeachingGroup:
    with as_owner():
        return TeachingGroup.objects.create(setting=school, name=name, year=2026)


def teacher_of(school: Setting, name: str, *groups: TeachingGroup) -> User:
    return make.staff("teacher", school, name=name, group_ids=[g.id for g in groups])


def listed(school: Setting, senco: User, class_name: str, *groups: TeachingGroup) -> Review:
    """Somebody on the register with an open first review, in a class and in these groups."""
    robin = make.learner(school)
    with as_owner():
        Enrolment.objects.filter(learner=robin).update(class_name=class_name)
        for one in groups:
            TeachingGroupMember.objects.create(group=one, learner=robin)
            make.access_rows.give(
                learner_id=robin.id,
                kind=Grantee.TEACHING_GROUP,
                grantee_id=one.id,
                right="contribute",
                reason="taught",
            )
    put_on_register(
        by=make.acting_as(senco),
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
    )
    return Review.objects.get(learner=robin, state="open")


def ask_all(senco: User, *reviews: Review) -> int:
    by = make.acting_as(senco)
    due = clock.today() + SOON
    return actions.ask_for_views(by=by, review_ids=[r.id for r in reviews], due_on=due)


def names_asked(senco: User, review: Review) -> list[str]:
    return sorted(a.name for a in asking.asks_of(make.acting_as(senco), review.id))


def page(person: User, address: str, **sent: Any) -> Any:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client.post(address, sent) if sent else client.get(address)


def told(person: User) -> int:
    with as_owner():
        told = Notification.objects.filter(recipient_id=person.id)
        return told.filter(kind__startswith="views asked for").count()


def remind(school: Setting) -> int:
    with rls.in_place_of(grants.NOBODY, grants.worker(school.id)) as worker:
        return actions.remind_due(by=worker, setting=school)


class TestWhomTheSettingAsks:
    def test_the_tutor_and_two_further_teachers_unless_it_says_so(self, school, senco) -> None:
        own, *sets = (group(school, name) for name in ("4B", "Art", "Maths", "Music"))
        teacher_of(school, "Zoe Tutor", own)
        for name, one in zip(("Ann", "Bob", "Cyd"), sets, strict=True):
            teacher_of(school, name, one)
        review = listed(school, senco, "4B", own, *sets)
        assert ask_all(senco, review) == 3
        assert names_asked(senco, review) == ["Ann", "Bob", "Zoe Tutor"]

    def test_without_a_tutor_those_who_teach_their_groups(self, school, senco) -> None:
        sets = [group(school, name) for name in ("Art", "Maths")]
        for name, one in zip(("Ann", "Bob"), sets, strict=True):
            teacher_of(school, name, one)
        review = listed(school, senco, "4B", *sets)
        ask_all(senco, review)
        assert names_asked(senco, review) == ["Ann", "Bob"]

    def test_a_teacher_of_other_groups_is_not_asked(self, school, senco) -> None:
        own, other = group(school, "4B"), group(school, "5C")
        teacher_of(school, "Zoe Tutor", own)
        teacher_of(school, "Somebody Else", other)
        review = listed(school, senco, "4B", own)
        ask_all(senco, review)
        assert names_asked(senco, review) == ["Zoe Tutor"]

    def test_the_setting_chooses(self, school, senco) -> None:
        own, art = group(school, "4B"), group(school, "Art")
        teacher_of(school, "Zoe Tutor", own)
        teacher_of(school, "Ann", art)
        review = listed(school, senco, "4B", own, art)
        due = clock.today() + SOON
        day = {"due_on_0": due.day, "due_on_1": due.month, "due_on_2": due.year}
        sent = {"tutor": "on", "teachers": "0", **day}
        assert page(senco, "/reviews/asking/", **sent).status_code == 302
        ask_all(senco, review)
        assert names_asked(senco, review) == ["Zoe Tutor"]

    def test_the_family_is_asked_and_answers_on_their_own_page(self, school, senco) -> None:
        review = listed(school, senco, "4B")
        mother = make.parent(review.learner)
        ask_all(senco, review)
        assert names_asked(senco, review) == [mother.name]
        assert told(mother) == 1

    def test_an_adult_whose_access_was_ended_is_not_asked(self, school, senco) -> None:
        review = listed(school, senco, "4B")
        make.parent(review.learner)
        with as_owner():
            review.learner.family.update(may_see=False, why_not="An order")
        assert ask_all(senco, review) == 0


class TestAsking:
    def test_twice_asks_nobody_twice(self, school, senco) -> None:
        own = group(school, "4B")
        teacher_of(school, "Zoe Tutor", own)
        review = listed(school, senco, "4B", own)
        assert (ask_all(senco, review), ask_all(senco, review)) == (1, 0)

    def test_one_button_on_a_review(self, school, senco) -> None:
        own = group(school, "4B")
        zoe = teacher_of(school, "Zoe Tutor", own)
        review = listed(school, senco, "4B", own)
        address = f"/reviews/{review.id}/views/"
        assert "Zoe Tutor" in page(senco, address).content.decode()
        due = clock.today() + SOON
        day = {"due_on_0": due.day, "due_on_1": due.month, "due_on_2": due.year}
        assert page(senco, address, people=str(zoe.id), **day).status_code == 302
        assert names_asked(senco, review) == ["Zoe Tutor"]

    def test_somebody_who_is_no_candidate_cannot_be_slipped_in(self, school, senco) -> None:
        review = listed(school, senco, "4B")
        stranger = make.user("A stranger")
        sent = {"people": str(stranger.id), "due_on_0": 1, "due_on_1": 1, "due_on_2": 2099}
        assert page(senco, f"/reviews/{review.id}/views/", **sent).status_code == 200
        assert names_asked(senco, review) == []

    def test_a_day_that_is_past_is_refused(self, school, senco) -> None:
        review = listed(school, senco, "4B")
        person = asking.Person("specialist", "Kit", email="kit@example.test")
        with pytest.raises(Invalid):
            actions.ask(
                by=make.acting_as(senco),
                review_id=review.id,
                people=[person],
                due_on=clock.today() - timedelta(days=1),
            )

    def test_a_teacher_s_classes_are_one_message_a_week(self, school, senco) -> None:
        own = group(school, "4B")
        zoe = teacher_of(school, "Zoe Tutor", own)
        for _ in range(3):
            ask_all(senco, listed(school, senco, "4B", own))
        assert told(zoe) == 1
        with as_owner():
            message = Notification.objects.get(recipient_id=zoe.id)
        assert message.learner_id is None
        assert "Robin" not in message.text

    def test_only_whoever_reviews_asks(self, school, senco) -> None:
        review = listed(school, senco, "4B")
        person = asking.Person("specialist", "Kit", email="kit@example.test")
        for who, refusal in (
            (make.staff("teacher", school, whole_setting=True), Refused),
            (make.staff("head", school), Refused),
            (make.parent(review.learner), Refused),
            (make.staff("senco", make.setting()), NotVisible),
        ):
            with pytest.raises(refusal):
                actions.ask(
                    by=make.acting_as(who),
                    review_id=review.id,
                    people=[person],
                    due_on=clock.today() + SOON,
                )

    def test_the_database_asks_for_nobody_who_does_not_keep_the_record(self, school, senco) -> None:
        review = listed(school, senco, "4B")
        make.acting_as(make.staff("teacher", school, whole_setting=True))
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Ask.objects.create(
                review=review,
                learner=review.learner,
                voice="teacher",
                name="T",
                asked_by="T",
                asked_at=clock.now(),
                due_on=clock.today(),
            )

    def test_each_person_knows_of_their_own_question_and_the_keeper_of_all(
        self, school, senco
    ) -> None:
        own, art = group(school, "4B"), group(school, "Art")
        zoe, ann = teacher_of(school, "Zoe", own), teacher_of(school, "Ann", art)
        review = listed(school, senco, "4B", own, art)
        ask_all(senco, review)
        for who, number in ((senco, 2), (zoe, 1), (ann, 1), (make.staff("head", school), 0)):
            actor = make.acting_as(who)
            assert Ask.objects.count() == number
            assert len(asking.asks_of(actor, review.id)) == number


class TestAnswers:
    def test_who_was_asked_has_answered_once_they_said_something(self, school, senco) -> None:
        own = group(school, "4B")
        zoe = teacher_of(school, "Zoe Tutor", own)
        review = listed(school, senco, "4B", own)
        ask_all(senco, review)
        assert [a.name for a in asking.awaited(make.acting_as(senco), review)] == ["Zoe Tutor"]
        voices.contribute(by=make.acting_as(zoe), learner=review.learner, going_well="Sings")
        assert asking.awaited(make.acting_as(senco), review) == []

    def test_withdrawn_is_awaited_no_more_and_can_be_asked_again(self, school, senco) -> None:
        own = group(school, "4B")
        teacher_of(school, "Zoe Tutor", own)
        review = listed(school, senco, "4B", own)
        ask_all(senco, review)
        row = asking.awaited(make.acting_as(senco), review)[0]
        assert page(senco, f"/asks/{row.id}/withdraw/", x="").status_code == 302
        assert asking.awaited(make.acting_as(senco), review) == []
        assert ask_all(senco, review) == 1

    def test_a_family_that_is_asked_again_is_told_again_and_reminded_again(
        self, school, senco
    ) -> None:
        review = listed(school, senco, "4B")
        mother = make.parent(review.learner)
        for times in (3, 6):
            ask_all(senco, review)
            for day in (4, 7):
                with clock.shifted(day):
                    remind(school)
            assert told(mother) == times
            row = asking.awaited(make.acting_as(senco), review)[0]
            actions.withdraw(by=make.acting_as(senco), ask_id=row.id)


class TestReminders:
    def test_three_days_before_and_on_the_day_and_never_twice(self, school, senco) -> None:
        review = listed(school, senco, "4B")
        mother = make.parent(review.learner)
        ask_all(senco, review)
        counts = []
        for day in range(10):
            with clock.shifted(day):
                counts.append(remind(school) + remind(school))
        assert counts == [0, 0, 0, 0, 1, 0, 0, 1, 0, 0]
        assert told(mother) == 3

    def test_who_has_answered_is_left_alone(self, school, senco) -> None:
        review = listed(school, senco, "4B")
        mother = make.parent(review.learner)
        ask_all(senco, review)
        voices.contribute(by=make.acting_as(mother), learner=review.learner, going_well="Sings")
        with clock.shifted(7):
            assert remind(school) == 0

    def test_an_adult_whose_access_was_ended_since_is_reminded_and_awaited_no_more(
        self, school, senco
    ) -> None:
        review = listed(school, senco, "4B")
        mother, father = make.parent(review.learner), make.parent(review.learner)
        ask_all(senco, review)
        member = review.learner.family.get(user=mother)
        family.close_to_family(by=make.acting_as(senco), member=member, why="An order")
        with clock.shifted(4):
            assert remind(school) == 1
        assert (told(mother), told(father)) == (0, 2)
        awaited = asking.awaited(make.acting_as(senco), review)
        assert [ask.user_id for ask in awaited] == [father.id]
        shown = page(senco, f"/reviews/{review.id}/views/").content.decode()
        assert "Not asked any more" in shown

    def test_an_adult_who_may_only_read_since_a_day_is_reminded_no_more(
        self, school, senco
    ) -> None:
        review = listed(school, senco, "4B")
        mother = make.parent(review.learner)
        ask_all(senco, review)
        with as_owner():
            LearnerAccess.objects.filter(grantee_id=mother.id).update(
                ends_on=clock.today() + timedelta(days=2)
            )
        with clock.shifted(4):
            assert remind(school) == 0


def test_the_pages_are_as_many_queries_for_one_as_for_many(school, senco) -> None:
    own = group(school, "4B")
    zoe = teacher_of(school, "Zoe Tutor", own)
    review = listed(school, senco, "4B", own)
    ask_all(senco, review)
    pages = [(zoe, "/classes/round/"), (senco, f"/reviews/{review.id}/views/")]
    before = [len(queries(who, address)) for who, address in pages]
    for number in range(8):
        make.staff("teacher", school, name=f"T{number}", group_ids=[own.id])
        ask_all(senco, listed(school, senco, "4B", own))
    ask_all(senco, review)
    assert [len(queries(who, address)) for who, address in pages] == before
    assert Membership.objects.filter(role="teacher").count() == 9


def test_many_reviews_are_asked_for_in_a_fixed_number_of_reads(school, senco) -> None:
    own = group(school, "4B")
    teacher_of(school, "Zoe Tutor", own)
    reviews = [listed(school, senco, "4B", own) for _ in range(4)]
    by = make.acting_as(senco)
    choice = asking.choice_of(by, school.id)
    learners = Learner.objects.in_bulk([r.learner_id for r in reviews])
    assert len(learners) == 4
    found = asking.people(by, Review.objects.filter(state="open").select_related("learner"), choice)
    assert {len(people) for people in found.values()} == {1}
