"""An administrator reads one record in an emergency, for a day, and the setting is told."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.access.grants import Actor
from apps.accounts.models import User
from apps.audit.models import Event
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.learners import emergency, readings, unusual
from apps.learners import selectors as learners
from apps.learners.models import Learner
from apps.notifications.models import Notification
from apps.settings.models import Setting
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

REASON = "A child is missing and the school cannot be reached."


@pytest.fixture
def school() -> Setting:
    return make.setting(make.local_area())


@pytest.fixture
def robin(school: Setting) -> Learner:
    return make.learner(school, upn="H801200001001")


@pytest.fixture
def administrator() -> Actor:
    return make.acting_as(make.staff("administrator"))


def test_the_record_is_readable_until_the_day_ends(robin: Learner, administrator: Actor) -> None:
    emergency.open_in_emergency(by=administrator, upn=robin.upn or "", reason=REASON)

    seen = learners.sight(administrator, robin.id)
    assert not (seen.family or seen.holds or seen.contributes)
    with clock.shifted(1), pytest.raises(NotVisible):
        learners.sight(administrator, robin.id)


def test_the_holder_and_the_leads_are_told_who_and_why(school: Setting, robin: Learner) -> None:
    head = make.staff("head", school)
    by = make.acting_as(make.staff("administrator"))
    emergency.open_in_emergency(by=by, upn=robin.upn or "", reason=REASON)
    with as_owner():
        told = Notification.objects.filter(kind="emergency")
        assert head.id in {n.recipient_id for n in told}
        assert all(by.name in n.text and REASON in n.text for n in told)
        event = Event.objects.get(action="opened in an emergency")
    assert event.learner_id == robin.id


def test_the_page_opens_the_record_and_the_head_finds_it_among_the_unusual(
    school: Setting, robin: Learner, client: Client
) -> None:
    head, admin = make.staff("head", school), make.staff("administrator")
    client.force_login(admin, backend="allauth.account.auth_backends.AuthenticationBackend")
    asked = client.post("/emergency/", {"upn": robin.upn, "reason": REASON})
    answer = client.post(asked["Location"], {"password": make.PASSWORD}, follow=True)
    assert robin.known_given in answer.content.decode()

    guard = make.acting_as(head)
    assert "emergency" in {u.rule for u in unusual.unusual(guard, school.id)}
    assert readings.of_learner(guard, robin.id)[0].role == "Administrator"


@pytest.mark.parametrize(
    ("upn", "reason", "field"),
    [
        ("H801200001001", "urgent", "reason"),
        ("B801200001001", REASON, "upn"),
        ("X801200001002", REASON, "upn"),
    ],
)
def test_it_needs_a_learners_upn_and_a_reason(
    robin: Learner, administrator: Actor, upn: str, reason: str, field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        emergency.open_in_emergency(by=administrator, upn=upn, reason=reason)
    assert field in refused.value.fields


@pytest.mark.parametrize("role", ["senco", "head", "teacher"])
def test_nobody_else_can(school: Setting, robin: Learner, role: str) -> None:
    other: User = make.staff(role, make.setting(make.local_area()))
    actor = make.acting_as(other)
    with pytest.raises(NotVisible):
        emergency.open_in_emergency(by=actor, upn=robin.upn or "", reason=REASON)
    with (
        pytest.raises(DatabaseError, match="Only an administrator"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT learners_open_in_emergency(%s, uuidv7())", [robin.upn])
