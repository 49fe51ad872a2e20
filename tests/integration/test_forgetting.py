"""Accounts that nobody uses and work that is over are forgotten, and nothing that is in use."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from apps.accounts.models import KnownDevice, User
from apps.common import clock
from apps.notifications.models import Notification
from apps.rights import disposal, retention
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

LONG_AGO = timedelta(days=3 * 365)


def old(person: User, ago: timedelta = LONG_AGO) -> User:
    """Somebody who signed in last so long ago."""
    person.last_login = clock.now() - ago
    person.save(update_fields=["last_login"])
    return person


def test_an_account_that_nobody_uses_says_nothing_of_anyone_any_more() -> None:
    gone = old(make.user("Gillian Former"))
    KnownDevice.objects.create(
        user=gone, digest="0" * 64, browser="A browser", first_used_at=clock.now(),
        last_used_at=clock.now(),
    )  # fmt: skip
    disposal.find()
    gone.refresh_from_db()
    assert (gone.name, gone.is_active) == ("Deleted account", False)
    assert gone.email == f"{gone.id}@deleted.invalid"
    assert not gone.check_password(make.PASSWORD)
    assert not KnownDevice.objects.filter(user=gone).exists()


@pytest.mark.parametrize("why", ["has a role", "has a child here", "signed in last year"])
def test_an_account_in_use_is_kept(why: str) -> None:
    school = make.setting()
    person = {
        "has a role": lambda: old(make.staff("teacher", school)),
        "has a child here": lambda: old(make.parent(make.learner(school))),
        "signed in last year": lambda: old(make.user(), timedelta(days=365)),
    }[why]()
    disposal.find()
    assert User.objects.get(pk=person.id).is_active


def test_messages_go_a_month_after_they_were_read_and_a_year_after_nobody_did() -> None:
    reader, now = make.user(), clock.now()
    ages = {
        "read lately": (40, 20),
        "read long ago": (90, 31),
        "unread": (300, None),
        "unread for long": (366, None),
    }
    with as_owner():
        for key, (made, read) in ages.items():
            Notification.objects.create(
                recipient_id=reader.id,
                kind="x",
                text="x",
                key=key,
                created_at=now - timedelta(days=made),
                read_at=now - timedelta(days=read) if read else None,
            )
    disposal.find()
    with as_owner():
        assert set(Notification.objects.values_list("key", flat=True)) == {"read lately", "unread"}


def test_nothing_of_a_learner_on_legal_hold_is_forgotten() -> None:
    school = make.setting()
    robin, head = make.learner(school), make.staff("head", school)
    parent, read = old(make.parent(robin)), clock.now() - timedelta(days=60)
    with as_owner():
        robin.family.update(may_see=False, why_not="Moved away")
        Notification.objects.create(
            recipient_id=head.id, learner_id=robin.id, kind="x", text="x", key="held",
            created_at=read, read_at=read,
        )  # fmt: skip
    retention.place_hold(
        by=make.acting_as(head),
        learner=robin,
        reason="An inquiry",
        look_again_on=clock.today() + timedelta(days=30),
    )
    disposal.find()
    assert User.objects.get(pk=parent.id).is_active
    with as_owner():
        assert Notification.objects.filter(key="held").exists()


@pytest.mark.parametrize(
    "call", ["rights_forget_accounts(0, now())", "rights_find_due(0, 0, now())"]
)
def test_nobody_but_the_worker_forgets(call: str) -> None:
    make.acting_as(make.staff("administrator"))
    with (
        pytest.raises(DatabaseError, match="The worker"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SELECT {call}")
