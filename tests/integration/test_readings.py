"""Who has read a record: what staff, a family and the setting's lead are told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.accounts.models import User
from apps.audit import record
from apps.audit.models import AccessEntry
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible, Refused
from apps.learners import readings, unusual
from apps.learners.models import Learner
from apps.notifications.models import Notification
from apps.settings.models import Setting
from tests import factories as make
from tests.support.database import as_owner
from tests.support.records import signed

pytestmark = pytest.mark.django_db

SOON = timedelta(days=30)


@dataclass
class Place:
    """A school with a learner, those who read their record, and both parents."""

    school: Setting
    robin: Learner
    senco: User
    teacher: User
    head: User
    mother: User
    father: User


@pytest.fixture
def place() -> Place:
    school = make.setting(make.local_area())
    robin = make.learner(school)
    return Place(
        school=school,
        robin=robin,
        senco=make.staff("senco", school),
        teacher=make.staff("teacher", school, whole_setting=True),
        head=make.staff("head", school),
        mother=make.parent(robin),
        father=make.parent(robin),
    )


def reads(person: User, learner: Learner, what: str = "record") -> Actor:
    actor = make.acting_as(person)
    record.opened(by=actor, learner_id=learner.id, what=what)
    return actor


def seen_by(person: User, learner: Learner) -> list[str]:
    return [f"{r.role}, {r.what}" for r in readings.of_learner(make.acting_as(person), learner.id)]


def test_a_parent_sees_staff_and_themselves_but_not_the_other_parent(place: Place) -> None:
    reads(place.teacher, place.robin)
    reads(place.father, place.robin, "my child")
    reads(place.mother, place.robin, "what changed")

    assert seen_by(place.mother, place.robin) == ["Family, what changed", "Teacher, record"]


def test_a_parent_who_works_at_a_school_is_not_shown_to_the_other_as_staff(
    place: Place, client: Client
) -> None:
    review = signed(place.senco, place.robin, place.school)
    mother = make.staff("teacher", make.setting())
    make.parent(place.robin, user=mother)
    client.force_login(mother, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get(reverse("acknowledge", args=[review.id])).status_code == 200

    assert seen_by(place.father, place.robin) == []
    assert seen_by(mother, place.robin) == ["Family, review"]


def test_staff_see_all_of_it(place: Place) -> None:
    reads(place.father, place.robin, "my child")
    reads(place.teacher, place.robin)

    assert seen_by(place.senco, place.robin) == ["Teacher, record", "Family, my child"]


def test_a_list_counts_once_for_each_person_and_day(place: Place) -> None:
    actor = make.acting_as(place.senco)
    other = make.learner(place.school)
    for _ in range(3):
        record.listed(by=actor, learner_ids=[other.id, place.robin.id], what="register")
    with clock.shifted(1):
        record.listed(by=actor, learner_ids=[place.robin.id], what="register")

    assert seen_by(place.mother, place.robin) == ["SENCO, register", "SENCO, register"]


def test_a_family_reads_those_of_a_day_that_read_the_same_in_one_line(place: Place) -> None:
    for _ in range(3):
        reads(place.mother, place.robin, "my child")
    reads(place.teacher, place.robin)
    reads(place.mother, place.robin, "who has looked")

    told = readings.of_learner(make.acting_as(place.mother), place.robin.id)
    lines = [(v.last.role, v.times) for v in readings.by_day(told)]
    assert lines == [("Family", 1), ("Teacher", 1), ("Family", 3)]


def test_a_stranger_is_told_nothing(place: Place) -> None:
    reads(place.teacher, place.robin)
    stranger = make.acting_as(make.staff("senco", make.setting(make.local_area())))

    with pytest.raises(NotVisible):
        readings.of_learner(stranger, place.robin.id)


def test_the_database_gives_a_family_the_log_through_its_function_alone(place: Place) -> None:
    reads(place.teacher, place.robin)
    make.acting_as(place.mother)

    assert list(AccessEntry.objects.filter(learner_id=place.robin.id)) == []


def withhold(place: Place, **changed: Any) -> None:
    if "by" not in changed:
        changed["by"] = make.acting_as(place.head)
    values = {
        "learner_id": place.robin.id,
        "reader_id": place.teacher.id,
        "reason": "A child protection enquiry",
        "review_on": clock.today() + SOON,
        **changed,
    }
    readings.withhold(**values)


def test_a_withheld_reader_is_hidden_from_the_family_from_then_on_and_before(place: Place) -> None:
    reads(place.teacher, place.robin)
    withhold(place)
    reads(place.teacher, place.robin)

    assert seen_by(place.mother, place.robin) == []
    assert seen_by(place.senco, place.robin) == ["Teacher, record", "Teacher, record"]


def test_what_was_withheld_is_shown_again_when_that_ends(place: Place) -> None:
    reads(place.teacher, place.robin)
    withhold(place)
    readings.show_again(
        by=make.acting_as(place.head), learner_id=place.robin.id, reader_id=place.teacher.id
    )

    assert seen_by(place.mother, place.robin) == ["Teacher, record"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"review_on": date(2020, 1, 1)}, "review_on"),
        ({"review_on": date(2090, 1, 1)}, "review_on"),
    ],
)
def test_withholding_needs_a_reason_and_a_date_to_look_again(
    place: Place, changed: dict[str, Any], field: str
) -> None:
    reads(place.teacher, place.robin)
    with pytest.raises(Invalid) as refused:
        withhold(place, **changed)
    assert field in refused.value.fields


def test_a_family_members_own_reading_cannot_be_withheld(place: Place) -> None:
    reads(place.father, place.robin)
    with pytest.raises(Invalid, match="for an organisation"):
        withhold(place, reader_id=place.father.id)


@pytest.mark.parametrize("who", ["senco", "teacher", "mother"])
def test_only_the_head_or_safeguarding_lead_withholds(place: Place, who: str) -> None:
    reads(place.teacher, place.robin)
    with pytest.raises(Refused):
        withhold(place, by=make.acting_as(getattr(place, who)))


def test_a_safeguarding_lead_withholds(place: Place) -> None:
    reads(place.teacher, place.robin)
    withhold(place, by=make.acting_as(make.staff("safeguarding-lead", place.school)))
    assert seen_by(place.mother, place.robin) == []


def rules_found(place: Place) -> list[str]:
    found = unusual.unusual(make.acting_as(place.head), place.school.id)
    return [finding.rule for finding in found]


@pytest.fixture
def by_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Noon, whenever the test runs."""
    at_hour(monkeypatch, 12)


def at_hour(monkeypatch: pytest.MonkeyPatch, hour: int) -> None:
    now = timezone.localtime(timezone.now(), ZoneInfo("Europe/London")).replace(hour=hour)
    monkeypatch.setattr("apps.common.clock.now", lambda: now)


@pytest.mark.usefixtures("by_day")
def test_ordinary_reading_is_not_unusual(place: Place) -> None:
    reads(place.senco, place.robin)
    reads(place.mother, place.robin)
    assert rules_found(place) == []


@pytest.mark.usefixtures("by_day")
def test_many_records_within_an_hour_are_found_once(place: Place) -> None:
    for _ in range(unusual.MANY_AN_HOUR + 5):
        reads(place.teacher, make.learner(place.school))
    assert rules_found(place) == ["many"]


def test_reading_at_night_is_found(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    at_hour(monkeypatch, 3)
    reads(place.teacher, place.robin)
    assert rules_found(place) == ["night"]


@pytest.mark.usefixtures("by_day")
def test_the_same_record_again_and_again_is_found_once_a_day(place: Place) -> None:
    for _ in range(unusual.MANY_A_DAY + 3):
        reads(place.teacher, place.robin)
    assert rules_found(place) == ["again"]


@pytest.mark.usefixtures("by_day")
def test_a_reader_with_the_learners_family_name_is_found(place: Place) -> None:
    with as_owner():
        Learner.objects.filter(pk=place.robin.id).update(
            known_family=place.teacher.name.split()[-1].upper()
        )
    reads(place.teacher, place.robin)
    reads(place.teacher, place.robin)
    assert rules_found(place) == ["name"]


@pytest.mark.usefixtures("by_day")
def test_reading_for_another_setting_is_found(place: Place) -> None:
    visitor = grants.person(
        make.staff("senco", make.setting(make.local_area())).id, "A", clock_may_shift=True
    )
    record.opened(by=visitor, learner_id=place.robin.id, what="record")
    assert rules_found(place) == ["elsewhere"]


@pytest.mark.parametrize("who", ["senco", "teacher", "mother"])
def test_only_the_lead_sees_what_is_unusual(place: Place, who: str) -> None:
    with pytest.raises(Refused):
        unusual.unusual(make.acting_as(getattr(place, who)), place.school.id)


def test_the_lead_is_told_the_same_day_and_once(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_hour(monkeypatch, 3)
    reads(place.teacher, place.robin)
    for _ in range(2):
        with rls.acting(grants.worker(place.school.id)) as worker:
            unusual.tell_leads(by=worker, setting_id=place.school.id)
    with as_owner():
        told = Notification.objects.get(kind="unusual reading")
    assert told.recipient_id == place.head.id
    assert place.robin.known_given not in told.text


def test_what_is_read_just_before_midnight_is_told_the_next_day_and_not_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_hour(monkeypatch, 23)
    reads(place.teacher, place.robin)
    evening = clock.now()
    for hours in (2, 3):
        monkeypatch.setattr(
            "apps.common.clock.now", lambda hours=hours: evening + timedelta(hours=hours)
        )
        with rls.acting(grants.worker(place.school.id)) as worker:
            unusual.tell_leads(by=worker, setting_id=place.school.id)
    with as_owner():
        assert Notification.objects.get(kind="unusual reading").recipient_id == place.head.id
