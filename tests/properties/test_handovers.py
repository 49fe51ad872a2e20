"""Rule 5: a handover neither disappears nor happens twice, whatever process dies when."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from apps.access import grants, rls
from apps.audit.models import Event
from apps.common import clock
from apps.common.exceptions import DomainError
from apps.common.models import ClockShift
from apps.learners.models import Enrolment, Learner, RecordHolder
from apps.notifications.models import Notification
from apps.reviews.actions import entry
from apps.reviews.actions.places import leave_without_place
from apps.settings.models import Setting
from apps.transitions.actions import delivery, planning, receiving
from apps.transitions.models import Delivery, Package, Transition
from tests import factories as make
from tests.properties.test_lives import EXAMPLES
from tests.support import processes
from tests.support.database import as_owner


def moving(school: Setting, to: Setting, days: int) -> tuple[Learner, Transition]:
    """A learner on the register whose record is shared; the first day there is in `days`."""
    learner = make.learner(school, year_group=6)
    with rls.acting(make_actor(school)) as by:
        entry.put_on_register(
            by=by,
            learner=learner,
            setting=school,
            area="communication-and-interaction",
            level="mild",
            evidence=entry.Evidence("Watches others", "class", clock.today(), "Mr Ray"),
        )
        move = planning.expect(
            by=by,
            learner=learner,
            kind="phase",
            starts_on=clock.today() + timedelta(days=days),
            year_group=7,
            to_setting=to,
        )
        planning.share(by=by, transition_id=move.id)
    return learner, move


def make_actor(school: Setting) -> grants.Actor:
    person = make.staff("senco", school)
    return grants.person(person.id, person.name, clock_may_shift=True)


def commit() -> None:
    """Look at every rule as a commit would, on the day that it is here."""
    with rls.acting(grants.worker()), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def shift(days: int) -> None:
    with transaction.atomic(), as_owner():
        ClockShift.objects.update_or_create(id=True, defaults={"days": days})
    clock.set_shift(days)


class Died(Exception):
    """The process that did this is no more."""


class Handovers(RuleBasedStateMachine):
    """Workers that are rung twice, die after claiming or half-way, and a sweep that finds all."""

    def __init__(self) -> None:
        super().__init__()
        self.days = 0
        self.undo = transaction.atomic()
        self.undo.__enter__()

    def teardown(self) -> None:
        """Whatever happened: at rest, every record whose day has come is where it belongs."""
        try:
            self.time_passes(days=400)
            while self.waiting():
                self.time_passes(days=1)
                for row_id in self.waiting():
                    delivery.work(row_id)
            with as_owner():
                self.all_that_moved_is_there()
        finally:
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)
            clock.set_shift(0)

    @initialize()
    def settle(self) -> None:
        self.school, self.next, self.other = make.setting(), make.setting(), make.setting()
        self.moves = [moving(self.school, self.next, 10 + n)[1].id for n in range(3)]

    def waiting(self) -> list[Any]:
        with as_owner():
            rows = Delivery.objects.filter(state__in=["queued", "claimed"])
            return list(rows.order_by("id").values_list("pk", flat=True))

    def pick(self, n: int) -> Any:
        rows = self.waiting()
        return rows[n % len(rows)] if rows else None

    @rule(n=st.integers(0, 9), times=st.integers(1, 3))
    def the_worker_is_rung(self, n: int, times: int) -> None:
        row = self.pick(n)
        for _ in range(times if row else 0):
            delivery.work(row)

    @rule(n=st.integers(0, 9))
    def a_worker_dies_with_the_row_claimed(self, n: int) -> None:
        row = self.pick(n)
        if row:
            with rls.acting(grants.worker()):
                delivery._claim(row)

    @rule(n=st.integers(0, 9))
    def a_worker_dies_with_the_work_done_and_not_committed(self, n: int) -> None:
        row = self.pick(n)
        if row is None:
            return
        with rls.acting(grants.worker()):
            claimed = delivery._claim(row)
        if claimed:
            with (
                pytest.raises(Died),
                rls.acting(grants.worker(claimed.holder_id, claimed.receiver_id)) as by,
            ):
                delivery._do(by, row)
                raise Died

    @rule(days=st.integers(0, 12))
    def time_passes(self, days: int) -> None:
        self.days += days
        shift(self.days)

    @rule()
    def the_sweep_comes_by(self) -> None:
        delivery.sweep()

    @rule(n=st.integers(0, 2), kind=st.sampled_from(["receive", "redirect", "withdraw"]))
    def a_person_acts(self, n: int, kind: str) -> None:
        with as_owner():
            move = Transition.objects.select_related("from_setting").get(pk=self.moves[n])
        acts = {
            "receive": (receiving.receive, self.next, {}),
            "redirect": (planning.redirect, self.school, {"to_setting": self.other, "why": "New"}),
            "withdraw": (planning.withdraw, self.school, {"why": "Stays"}),
        }
        act, place, values = acts[kind]
        with suppress(DomainError), rls.acting(make_actor(place)) as by:
            act(by=by, transition_id=move.id, **values)

    @invariant()
    def nothing_has_happened_twice(self) -> None:
        with as_owner():
            for move in Transition.objects.all():
                passed = Event.objects.filter(action="record passed", subject_id=move.id).count()
                assert passed == (1 if move.state == "completed" else 0)
                numbers = list(move.packages.values_list("review_number", flat=True))
                assert len(numbers) == len(set(numbers))
            keys = list(Notification.objects.values_list("key", "recipient_id"))
            assert len(keys) == len(set(keys))

    def all_that_moved_is_there(self) -> None:
        for move in Transition.objects.select_related("to_setting"):
            assert move.state in {"completed", "redirected", "withdrawn", "expected"}
            if move.state == "completed":
                held = RecordHolder.objects.get(learner=move.learner_id, ends_on=None)
                assert held.setting_id == move.to_setting_id
                assert move.packages.exists()


@pytest.mark.django_db
def test_whoever_dies_when_a_handover_happens_once() -> None:
    run_state_machine_as_test(
        Handovers,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.target],
        ),
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM transitions_delivery",
        "UPDATE transitions_delivery SET state = 'done'",
        "INSERT INTO transitions_delivery (transition_id, learner_id, work, review_number, state,"
        " holder_id, receiver_id, not_before, attempts, last_error, created_at)"
        " SELECT transition_id, learner_id, work, review_number, 'queued', holder_id,"
        " receiver_id, not_before, 0, '', created_at FROM transitions_delivery",
        "UPDATE transitions_transition SET state = 'completed'",
        "DELETE FROM transitions_transition",
        "UPDATE transitions_package SET content = '{}'",
        "DELETE FROM transitions_package",
    ],
)
def test_raw_sql_cannot_lose_or_double_a_handover(sql: str) -> None:
    school = make.setting()
    _, move = moving(school, make.setting(), 10)
    with as_owner():
        package = Delivery.objects.get(work="package").pk
    delivery.work(package)

    def facts() -> list[Any]:
        with as_owner():
            return [
                list(m.objects.order_by("id").values()) for m in (Delivery, Transition, Package)
            ]

    before = facts()
    stranger = make_actor(make.setting())
    for actor in (make_actor(school), stranger):
        with suppress(DatabaseError), rls.acting(actor), connection.cursor() as cursor:
            cursor.execute(sql)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert facts() == before


@pytest.mark.django_db
def test_a_learner_who_leaves_early_still_arrives() -> None:
    """The first school gives the record to the area; on the first day it passes all the same."""
    school, to = make.setting(), make.setting()
    learner, move = moving(school, to, 30)
    with rls.acting(make_actor(school)) as by:
        leave_without_place(by=by, learner=learner, local_area=school.local_area, why="home")
    with as_owner():
        move.refresh_from_db()
        assert (move.from_setting_id, move.from_area_id) == (None, school.local_area_id)
        waiting = list(Delivery.objects.filter(state="queued").order_by("not_before"))
    shift(31)
    for row in waiting:
        assert delivery.work(row.pk)
    commit()
    with as_owner():
        move.refresh_from_db()
        assert move.state == "completed"
        assert RecordHolder.objects.get(learner=learner, ends_on=None).setting_id == to.id
        assert Package.objects.filter(transition=move).exists()


@pytest.mark.django_db
def test_work_left_over_from_a_move_that_was_redirected_is_put_away() -> None:
    school, to, other = make.setting(), make.setting(), make.setting()
    _, move = moving(school, to, 10)
    with rls.acting(make_actor(school)) as by:
        planning.redirect(by=by, transition_id=move.id, to_setting=other, why="New house")
    with as_owner():
        left_over = list(Delivery.objects.filter(transition=move))
        rows = list(Delivery.objects.exclude(transition=move))
    shift(11)
    for row in [*rows, *left_over]:
        assert delivery.work(row.pk)
    commit()
    with as_owner():
        assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}
        assert not Package.objects.filter(transition=move).exists()


LEARNERS = 16


def test_real_workers_killed_at_work_lose_and_double_nothing(fresh_database: str) -> None:
    school, to = make.setting(), make.setting()
    for _ in range(LEARNERS):
        moving(school, to, 1)

    def left() -> int:
        with as_owner():
            return Delivery.objects.exclude(state="done").count()

    days, killed_at_work = 2, 0
    for _ in range(4):
        with processes.celery_worker(LEARNER_RECORD_TEST_DATABASE=fresh_database) as worker:
            shift(days)  # whatever was claimed by a worker now dead has had its time
            before = left()
            delivery.sweep()
            processes.wait_until(lambda: left() < before or not left(), what="the first row")  # noqa: B023
            killed_at_work += left() > 0
            os.killpg(worker.pid, signal.SIGKILL)
            worker.wait()
        days += 1
    with processes.celery_worker(LEARNER_RECORD_TEST_DATABASE=fresh_database):
        shift(days)
        delivery.sweep()
        processes.wait_until(lambda: not left(), what="every handover")
    assert killed_at_work
    with as_owner():
        assert Transition.objects.filter(state="completed").count() == LEARNERS
        assert Event.objects.filter(action="record passed").count() == LEARNERS
        assert Package.objects.count() == LEARNERS
        assert RecordHolder.objects.filter(setting=to, ends_on=None).count() == LEARNERS
        assert Enrolment.objects.filter(setting=to).count() == LEARNERS
        keys = list(Notification.objects.values_list("key", "recipient_id"))
        assert len(keys) == len(set(keys)) > 0
