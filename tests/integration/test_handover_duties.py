"""What each side of a handover does when it is late, and after the first day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection
from django.test import Client

from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import InvalidTransition, Refused
from apps.learners.models import RecordHolder
from apps.transitions import selectors
from apps.transitions.actions import delivery
from apps.transitions.models import Delivery
from tests import factories as make
from tests.properties.test_handovers import commit, moving, shift
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


class Handover:
    """A record that is shared, with ten days to the first day, and everyone around it."""

    def __init__(self) -> None:
        self.area = make.local_area()
        self.school, self.next = make.setting(self.area), make.setting(self.area)
        self.senco, self.officer = (
            make.staff("senco", self.school),
            make.staff("officer", self.area),
        )
        self.learner, self.move = moving(self.school, self.next, 10)
        self.address = f"/moves/{self.move.id}/"

    def row(self, work: str) -> Delivery:
        with as_owner():
            return Delivery.objects.get(transition=self.move, work=work)

    def work(self, work: str) -> bool:
        return delivery.work(self.row(work).pk)

    def late(self, person: User) -> str:
        (move,) = selectors.of_learner(make.acting_as(person), self.learner.id)
        return selectors.lateness(move)

    def holder(self) -> Any:
        with as_owner():
            return RecordHolder.objects.get(learner=self.learner, ends_on=None).setting_id


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@contextmanager
def trouble(table: str) -> Iterator[None]:
    """The application cannot write to a table for a while."""

    def say(sql: str) -> None:
        with as_owner(), connection.cursor() as cursor:
            cursor.execute(sql)

    app = settings.DATABASE_ROLES["app"]
    say(f"REVOKE INSERT ON {table} FROM {app}")
    yield
    say(f"GRANT INSERT ON {table} TO {app}")


def fail(handover: Handover, work: str, times: int, table: str) -> None:
    with trouble(table):
        for _ in range(times):
            with as_owner():
                Delivery.objects.filter(pk=handover.row(work).pk).update(not_before=clock.now())
            with pytest.raises(DatabaseError):
                handover.work(work)


@pytest.fixture
def handover() -> Iterator[Handover]:
    yield Handover()
    commit()
    clock.set_shift(0)


class TestTrouble:
    def test_what_passes_the_record_never_gives_up_and_waits_about_an_hour(
        self, handover: Handover
    ) -> None:
        handover.work("package")
        shift(10)
        fail(handover, "pass", 12, "learners_recordholder")
        row = handover.row("pass")
        assert row.state == "queued" and "permission denied" in row.last_error
        assert 3000 < (row.not_before - clock.now()).total_seconds() < 4000
        shift(11)
        assert handover.work("pass")
        assert handover.holder() == handover.next.id

    def test_a_first_day_that_went_by_is_late_however_well_it_was_prepared(
        self, handover: Handover
    ) -> None:
        with as_owner():
            type(handover.move).objects.filter(pk=handover.move.pk).update(
                state="accepted", received_at=clock.now(), accepted_at=clock.now()
            )
        shift(10)
        assert handover.late(handover.senco) == ""
        shift(11)
        said = f"{handover.move.starts_on:%-d %B %Y}"
        assert handover.late(handover.senco) == f"The record should have passed on {said}."
        handover.work("pass")
        assert handover.late(handover.officer) == ""

    def test_a_package_that_failed_five_times_is_seen_in_every_list(
        self, handover: Handover
    ) -> None:
        fail(handover, "package", 4, "transitions_package")
        fail(handover, "package", 1, "transitions_package")
        assert handover.row("package").state == "dead"
        for person in (handover.senco, handover.officer):
            assert handover.late(person) == "What was shared has not gone through."

    @pytest.mark.parametrize("role", ["senco", "destination", "officer"])
    def test_either_side_and_the_areas_officer_have_it_tried_again(
        self, handover: Handover, role: str
    ) -> None:
        fail(handover, "package", 5, "transitions_package")
        person = {
            "senco": handover.senco,
            "destination": make.staff("senco", handover.next),
            "officer": handover.officer,
        }[role]
        page = browser(person).post(handover.address, {"purpose": "move"}).content.decode()
        assert "Try again" in page and "Build and deliver the package" in page
        assert browser(person).post(f"{handover.address}again/").status_code == 302
        row = handover.row("package")
        assert (row.state, row.attempts) == ("queued", 0)
        assert handover.work("package")

    def test_nobody_else_does_and_not_what_needs_no_help(self, handover: Handover) -> None:
        with pytest.raises(InvalidTransition):
            delivery.try_again(by=make.acting_as(handover.senco), transition_id=handover.move.id)
        fail(handover, "package", 5, "transitions_package")
        with pytest.raises(Refused):
            delivery.try_again(
                by=make.acting_as(make.staff("head", handover.school)),
                transition_id=handover.move.id,
            )
        assert handover.row("package").state == "dead"
