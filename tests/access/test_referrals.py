"""Specialists read and add to the records of learners referred to them, and end with their work."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from apps.access import actions as access
from apps.accounts.models import User
from apps.audit.models import AccessEntry
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners import referrals
from apps.learners.models import Learner, LearnerAccess, Referral
from apps.reviews.actions import places
from apps.reviews.models import Contribution
from apps.settings.models import SettingLink
from apps.transitions.actions.succession import succeed
from tests import factories as make
from tests.support.database import as_owner
from tests.support.sight import browser, sees

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    return Learner.objects.get(pk=world["kwargs"]["learner_id"])


@pytest.fixture
def specialist(world: dict[str, Any]) -> User:
    return world["specialist"]


def test_they_read_and_add_with_a_specialists_voice(
    world: dict[str, Any], specialist: User, robin: Learner
) -> None:
    client = browser(specialist)
    page = client.get("/referred/").content.decode()
    assert robin.known_family in page and "Speech" in page
    sent = {"going_well": "Uses three-word phrases."}
    assert client.post(f"/classes/{robin.id}/", sent).status_code == 302
    with as_owner():
        said = Contribution.objects.get(author=specialist)
        assert said.voice == "specialist"
        entry = AccessEntry.objects.filter(actor_id=specialist.id).latest("id")
        assert (entry.role, entry.organisation_name) == ("Specialist", str(world["school"]))


def test_a_teacher_still_speaks_as_one(world: dict[str, Any], robin: Learner) -> None:
    teacher = world["people"]["teacher"]
    browser(teacher).post(f"/classes/{robin.id}/", {"going_well": "Sings along."})
    with as_owner():
        assert Contribution.objects.get(author=teacher).voice == "teacher"


@pytest.mark.parametrize(("who", "voice"), [("specialist", "teacher"), ("teacher", "specialist")])
def test_the_database_gives_nobody_the_others_voice(
    world: dict[str, Any], robin: Learner, who: str, voice: str
) -> None:
    person = {**world["people"], "specialist": world["specialist"]}[who]
    make.acting_as(person)
    row = Contribution(
        learner=robin,
        voice=voice,
        author=person,
        author_name=person.name,
        harder="x",
        said_at=clock.now(),
    )
    with pytest.raises(DatabaseError), transaction.atomic():
        row.save(force_insert=True)
    row.voice = who
    row.save(force_insert=True)


def test_ending_the_referral_ends_it_at_once(
    world: dict[str, Any], specialist: User, robin: Learner
) -> None:
    assert sees(specialist, robin)
    by = make.acting_as(world["people"]["senco"])
    referral = Referral.objects.get(learner=robin)
    referrals.end(by=by, referral=referral)
    assert not sees(specialist, robin)
    by = make.acting_as(world["people"]["senco"])
    with pytest.raises(InvalidTransition):
        referrals.end(by=by, referral=referral)
    made = referrals.refer(
        by=by, learner=robin, deployment_id=referral.deployment_id, why="Again, after the summer"
    )
    assert made.id != referral.id
    assert sees(specialist, robin)


def test_ending_the_deployment_ends_it_with_no_sweep(
    world: dict[str, Any], specialist: User, robin: Learner
) -> None:
    by = make.acting_as(world["people"]["head"])
    access.end_membership(by=by, membership=specialist.memberships.get())
    assert not sees(specialist, robin)
    make.acting_as(world["people"]["senco"])
    assert LearnerAccess.objects.filter(grantee_kind="deployment", ends_on=None).exists()
    page = browser(world["people"]["senco"]).get(f"/learners/{robin.id}/specialists/")
    assert "ended with their work here" in page.content.decode()


def test_a_role_taken_back_on_its_first_day_leaves_nothing(
    world: dict[str, Any], robin: Learner
) -> None:
    new = make.staff("specialist", world["school"], starts_on=clock.today())
    deployment = new.memberships.get()
    by = make.acting_as(world["people"]["senco"])
    referrals.refer(by=by, learner=robin, deployment_id=deployment.id, why="Hearing")
    access.end_membership(by=make.acting_as(world["people"]["head"]), membership=deployment)
    assert not sees(new, robin)
    assert browser(world["people"]["senco"]).get(f"/learners/{robin.id}/specialists/").status_code


def test_one_who_comes_tomorrow_sees_nothing_today(world: dict[str, Any], robin: Learner) -> None:
    tomorrow = clock.today() + timedelta(days=1)
    coming = make.staff("specialist", world["school"], starts_on=tomorrow)
    by = make.acting_as(world["people"]["senco"])
    deployment = coming.memberships.get().id
    referrals.refer(by=by, learner=robin, deployment_id=deployment, why="Hearing")
    assert not sees(coming, robin)
    coming.memberships.update(starts_on=clock.today())
    assert sees(coming, robin)


def test_it_ends_when_the_record_passes_on(
    world: dict[str, Any], specialist: User, robin: Learner
) -> None:
    by = make.acting_as(world["people"]["senco"])
    places.leave_without_place(by=by, learner=robin, local_area=world["area"], why="missing")
    assert not sees(specialist, robin)
    with as_owner():
        assert not Referral.objects.filter(learner=robin, ends_on=None).exists()


def test_it_ends_when_the_learner_leaves_the_second_setting(
    world: dict[str, Any], robin: Learner
) -> None:
    other = world["other"]
    senco = make.acting_as(world["people"]["senco"])
    enrolment = places.attend_also(
        by=senco, learner=robin, setting=other, kind="subsidiary", year_group=6
    )
    there = make.staff("specialist", other)
    deployment = there.memberships.get().id
    referrals.refer(by=senco, learner=robin, deployment_id=deployment, why="Mobility")
    assert sees(there, robin)
    places.attend_no_more(by=make.acting_as(world["people"]["senco"]), enrolment=enrolment)
    assert not sees(there, robin)
    assert sees(world["specialist"], robin)


def test_it_goes_on_at_a_successor_with_the_role(
    world: dict[str, Any], specialist: User, robin: Learner
) -> None:
    old, new = world["school"], make.setting(world["area"])
    SettingLink.objects.create(
        urn="1", link_urn="2", link_name="", kind="successor", setting=old, linked=new
    )
    succeed(by=make.acting_as(world["people"]["administrator"]), old=old, new=new)
    assert sees(specialist, robin)
    senco = make.acting_as(world["people"]["senco"])
    assert referrals.runs(referrals.of_learner(senco, robin.id)[0])


def test_only_whoever_keeps_the_record_refers(world: dict[str, Any], robin: Learner) -> None:
    deployment = make.staff("specialist", world["school"]).memberships.get()
    people = world["people"]
    for who, refusal in {
        "head": Refused,
        "teacher": Refused,
        "parent": Refused,
        "officer": Refused,
        "neighbour": NotVisible,
        "administrator": NotVisible,
    }.items():
        with pytest.raises(refusal), transaction.atomic():
            by = make.acting_as(people[who])
            referrals.refer(by=by, learner=robin, deployment_id=deployment.id, why="x")


def test_nor_does_the_database_let_anybody_else(world: dict[str, Any], robin: Learner) -> None:
    for who in ("head", "teacher", "neighbour", "parent"):
        person = world["people"][who]
        deployment = make.staff("specialist", world["school"]).memberships.get()
        make.acting_as(person)
        with pytest.raises(DatabaseError), transaction.atomic():
            Referral.objects.create(
                learner=robin, deployment=deployment, why="x", starts_on=clock.today()
            )
        assert Referral.objects.filter(learner=robin).update(why="x") == 0
    make.acting_as(world["people"]["parent"])
    assert Referral.objects.count() == 0  # the reason may name others


def test_what_was_typed_stays_when_it_is_not_accepted(
    world: dict[str, Any], robin: Learner
) -> None:
    make.staff("specialist", world["school"], name="Ola Finn")
    sent = {"why": "How he follows instructions"}
    page = browser(world["people"]["senco"]).post(f"/learners/{robin.id}/specialists/", sent)
    assert "How he follows instructions" in page.content.decode()
    assert "Choose a specialist." in page.content.decode()


def test_a_specialist_of_another_setting_is_not_to_be_had(
    world: dict[str, Any], robin: Learner
) -> None:
    elsewhere = make.staff("specialist", world["other"]).memberships.get()
    by = make.acting_as(world["people"]["senco"])
    with pytest.raises(Invalid, match="Nobody is referred"):
        referrals.refer(by=by, learner=robin, deployment_id=elsewhere.id, why="x")
    teacher = world["people"]["teacher"].memberships.get()
    with pytest.raises(Invalid) as refused:
        referrals.refer(by=by, learner=robin, deployment_id=teacher.id, why=" ")
    assert set(refused.value.fields) == {"specialist", "why"}
