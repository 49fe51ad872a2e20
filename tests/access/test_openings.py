"""A setting opens its records to its trust's or area's own people, and shuts them again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from apps.access import openings
from apps.access.models import Opening
from apps.accounts.models import User
from apps.audit.models import AccessEntry, Event
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners import policy
from apps.learners.models import Learner
from apps.settings.models import Setting
from tests import factories as make
from tests.support.database import as_owner
from tests.support.sight import browser, sees

pytestmark = pytest.mark.django_db


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    return Learner.objects.get(pk=world["kwargs"]["learner_id"])


@pytest.fixture
def lead(world: dict[str, Any]) -> User:
    return make.staff("trust-lead", world["trust"])


def test_the_trusts_lead_reads_and_the_log_says_for_whom(
    world: dict[str, Any], lead: User, robin: Learner
) -> None:
    client = browser(lead)
    assert str(world["school"]) in client.get("/figures/").content.decode()
    listed = client.get(f"/opened/{world['school'].id}/").content.decode()
    assert robin.known_family in listed
    assert client.get(f"/learners/{robin.id}/").status_code == 200
    with as_owner():
        entry = AccessEntry.objects.filter(actor_id=lead.id).latest("id")
        assert (entry.role, entry.organisation_name) == (
            "Trust inclusion lead",
            str(world["trust"]),
        )


def test_a_setting_of_the_trust_that_opened_nothing_is_shut(
    world: dict[str, Any], lead: User
) -> None:
    other = world["other"]
    Setting.objects.filter(pk=other.id).update(group=world["trust"])
    assert not sees(lead, make.learner(other))
    assert browser(lead).get(f"/opened/{other.id}/").status_code == 404


def test_it_ends_when_the_setting_shuts_them(
    world: dict[str, Any], lead: User, robin: Learner
) -> None:
    assert sees(lead, robin)
    by = make.acting_as(world["people"]["senco"])
    opening = Opening.objects.get()
    openings.end(by=by, opening=opening)
    assert not sees(lead, robin)
    by = make.acting_as(world["people"]["senco"])
    with pytest.raises(InvalidTransition):
        openings.end(by=by, opening=opening)


def test_it_ends_when_the_setting_leaves_the_trust(
    world: dict[str, Any], lead: User, robin: Learner
) -> None:
    assert sees(lead, robin)
    Setting.objects.filter(pk=world["school"].id).update(group=make.setting_group())
    assert not sees(lead, robin)


def test_it_ends_with_the_role(world: dict[str, Any], lead: User, robin: Learner) -> None:
    lead.memberships.update(ends_on=clock.today())
    assert not sees(lead, robin)


def test_an_area_reads_only_what_is_opened_to_the_area(
    world: dict[str, Any], robin: Learner
) -> None:
    area_senco = make.staff("area-senco", world["area"])
    teacher = make.staff("early-years-teacher", world["area"])
    assert not sees(area_senco, robin)
    openings.open_records(
        by=make.acting_as(world["people"]["head"]),
        setting=world["school"],
        to_id=world["area"].id,
        why="Assessments",
    )
    assert sees(area_senco, robin)
    assert sees(teacher, robin)
    Setting.objects.filter(pk=world["school"].id).update(local_area=make.local_area())
    assert not sees(area_senco, robin)


def test_an_analyst_and_a_governor_of_the_trusts_school_gain_nothing(
    world: dict[str, Any], robin: Learner
) -> None:
    openings.open_records(
        by=make.acting_as(world["people"]["senco"]),
        setting=world["school"],
        to_id=world["area"].id,
        why="Assessments",
    )
    for role in ("analyst", "board"):
        assert not sees(make.staff(role, world["area"]), robin)
    assert not sees(world["people"]["governor"], robin)


def test_reading_is_all_that_is_opened(world: dict[str, Any], lead: User, robin: Learner) -> None:
    by = make.acting_as(lead)
    with pytest.raises(Refused):
        policy.check_can_contribute(by, robin.id)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE learners_learner SET known_given = 'x' WHERE id = %s", [robin.id])
        assert cursor.rowcount == 0


def test_only_the_senco_and_the_head_open_and_shut(world: dict[str, Any]) -> None:
    openings.end(by=make.acting_as(world["people"]["head"]), opening=Opening.objects.get())
    for who, refusal in {
        "teacher": Refused,
        "governor": Refused,
        "neighbour": NotVisible,
        "officer": NotVisible,
        "administrator": NotVisible,
        "parent": NotVisible,
    }.items():
        with pytest.raises(refusal), transaction.atomic():
            openings.open_records(
                by=make.acting_as(world["people"][who]),
                setting=world["school"],
                to_id=world["trust"].id,
                why="x",
            )


def test_nobody_opens_to_another_trust_or_without_saying_why(world: dict[str, Any]) -> None:
    by = make.acting_as(world["people"]["senco"])
    with pytest.raises(Invalid) as refused:
        openings.open_records(
            by=by, setting=world["school"], to_id=make.setting_group().id, why=" "
        )
    assert set(refused.value.fields) == {"to", "why"}
    with pytest.raises(InvalidTransition, match="open to"):
        openings.open_records(by=by, setting=world["school"], to_id=world["trust"].id, why="Again")
    with pytest.raises(IntegrityError), transaction.atomic():
        Opening.objects.create(
            setting=world["school"],
            setting_group=world["trust"],
            why="Twice",
            opened_by=world["people"]["senco"],
            starts_on=clock.today(),
        )


def test_opening_on_the_page_is_kept_with_its_reason(world: dict[str, Any]) -> None:
    client = browser(world["people"]["senco"])
    refused = client.post("/people/openings/", {"why": "She assesses with us this year"})
    if refused.status_code == 302:  # who signed in a while ago shows who they are again
        client.post(refused["Location"], {"password": make.PASSWORD})
        refused = client.post("/people/openings/", {"why": "She assesses with us this year"})
    assert "She assesses with us this year" in refused.content.decode()
    assert "Choose to whom the records are opened." in refused.content.decode()
    sent = {"to": str(world["area"].id), "why": "She assesses with us this year"}
    assert client.post("/people/openings/", sent).status_code == 302
    page = client.get("/people/openings/").content.decode()
    assert f"Open to {world['area']}" in page
    with as_owner():
        assert Event.objects.filter(action="records opened").count() == 2
