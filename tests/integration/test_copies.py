"""A copy of everything about a learner, for whoever has a right to it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from apps.access.grants import Actor
from apps.audit import record
from apps.audit.models import Event
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners.models import Learner
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.rights import actions
from apps.rights.classification import classification
from apps.rights.models import Export
from apps.settings.models import Setting
from tests import factories as make
from tests.support.database import as_owner
from tests.support.papers import texts_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def school() -> Setting:
    return make.setting(make.local_area())


@pytest.fixture
def senco(school: Setting) -> Actor:
    return make.acting_as(make.staff("senco", school))


@pytest.fixture
def robin(school: Setting, senco: Actor) -> Learner:
    robin = make.learner(school)
    put_on_register(
        by=senco,
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others before joining in", "class", clock.today(), "Mr Ray"),
    )
    return robin


def ask(by: Actor, robin: Learner, school: Setting, **changed: str) -> Export:
    said = {"copy_for": "Alex, mother", "identity": "Known to the school", **changed}
    return actions.ask(by=by, learner=robin, holder_id=school.id, **said)


@pytest.fixture
def made(senco: Actor, robin: Learner, school: Setting) -> dict[str, str]:
    person = make.parent(robin)
    record.opened(by=make.acting_as(person), learner_id=robin.id, what="my child")
    senco = make.acting_as(make.staff("senco", school))
    record.opened(by=senco, learner_id=robin.id, what="record")
    export = ask(senco, robin, school)
    actions.work(export.id)
    senco = make.acting_as(make.staff("senco", school))
    return texts_in(actions.take_out(by=senco, export=export))


def test_it_has_every_section_that_is_not_left_out_with_a_reason(made: dict[str, str]) -> None:
    data = json.loads(made["record.json"])
    assert set(data["sections"]) == {c.model for c in classification() if c.exported}
    assert {row["title"] for row in data["left_out"]} == {
        c.title for c in classification() if c.because
    }


def test_it_says_what_the_record_says_for_machines_and_people(
    made: dict[str, str], robin: Learner
) -> None:
    learner = json.loads(made["record.json"])["sections"]["learners.Learner"]["rows"][0]
    assert learner["legal_family"] == robin.legal_family
    for words in (robin.legal_family, "Watches others before joining in", "Alex, mother"):
        assert words in made["record.html"]


def test_it_lists_who_has_looked_but_no_family_member(made: dict[str, str]) -> None:
    looked = json.loads(made["record.json"])["who_has_looked"]
    assert {r["role"] for r in looked} >= {"SENCO"}
    assert "Family" not in {r["role"] for r in looked}


def test_making_it_twice_changes_nothing(senco: Actor, robin: Learner, school: Setting) -> None:
    export = ask(senco, robin, school)
    for _ in range(2):
        actions.work(export.id)
    with as_owner():
        assert Event.objects.filter(action="copy made").count() == 1
        assert Export.objects.get(pk=export.id).attempts == 1


def test_asking_making_and_taking_out_are_in_the_log(made: dict[str, str], robin: Learner) -> None:
    with as_owner():
        done = Event.objects.filter(learner_id=robin.id, subject_kind="export")
        assert [e.action for e in done.order_by("id")] == [
            "copy asked for",
            "copy made",
            "exported",
        ]


@pytest.mark.parametrize("empty", ["copy_for", "identity"])
def test_it_needs_to_know_for_whom_and_how_that_was_checked(
    senco: Actor, robin: Learner, school: Setting, empty: str
) -> None:
    with pytest.raises(Invalid) as refused:
        ask(senco, robin, school, **{empty: " "})
    assert empty in refused.value.fields


def test_only_whoever_keeps_the_record_makes_one(robin: Learner, school: Setting) -> None:
    refusals: dict[Any, type[Exception]] = {
        make.staff("teacher", school, whole_setting=True): Refused,
        make.staff("head", school): Refused,
        make.parent(robin): Refused,
        make.staff("senco", make.setting(make.local_area())): NotVisible,
    }
    for person, refusal in refusals.items():
        with pytest.raises(refusal):
            ask(make.acting_as(person), robin, school)


def test_its_content_is_forgotten_after_thirty_days(
    school: Setting, senco: Actor, robin: Learner
) -> None:
    export = ask(senco, robin, school)
    actions.work(export.id)
    with as_owner():
        Export.objects.update(expires_on=clock.today())
    actions.sweep()
    senco = make.acting_as(make.staff("senco", school))
    with pytest.raises(InvalidTransition, match="thirty days"):
        actions.take_out(by=senco, export=export)


def test_a_copy_that_cannot_be_made_ends_where_a_person_sees_it(
    senco: Actor, robin: Learner, school: Setting
) -> None:
    export = ask(senco, robin, school)
    with as_owner():
        Export.objects.update(attempts=actions.MOST_ATTEMPTS)
    actions.work(export.id)
    with as_owner():
        assert Export.objects.get(pk=export.id).state == Export.State.FAILED
