"""What each side of a handover does when it is late, and after the first day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, Refused
from apps.learners import policy as learners
from apps.learners.models import Learner, RecordHolder
from apps.notifications.models import Notification
from apps.transitions import policy as moves
from apps.transitions import selectors
from apps.transitions.actions import delivery, planning, receiving
from apps.transitions.models import Delivery, Query
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


class TestAfterTheFirstDay:
    def pass_on(self, handover: Handover) -> None:
        handover.work("package")
        shift(10)
        assert handover.work("pass")

    def asked(self, handover: Handover, question: str = "Which bus?") -> Query:
        by = make.acting_as(make.staff("senco", handover.next))
        return receiving.ask(by=by, transition_id=handover.move.id, question=question)

    def test_the_old_setting_reads_the_move_itself_and_answers(self, handover: Handover) -> None:
        self.pass_on(handover)
        query = self.asked(handover)
        with as_owner():
            Learner.objects.filter(pk=handover.learner.pk).update(known_given="Newname")
        client = browser(handover.senco)
        page = client.get(handover.address).content.decode()
        assert "Which bus?" in page and "Still to do" in page and "Robin" in page
        assert "Newname" not in page and "Save package" not in page
        sent = {"query": str(query.id), "answer": "The 12"}
        assert client.post(f"{handover.address}answer/", sent).status_code == 302
        assert "The 12" in client.get(handover.address).content.decode()
        with as_owner():
            told = Notification.objects.get(kind="answer about a move")
        assert (told.recipient_id, told.link) == (handover.next.id, handover.address)

    def test_of_the_learner_it_has_nothing_more(self, handover: Handover) -> None:
        self.pass_on(handover)
        client = browser(handover.senco)
        for address in (
            f"/learners/{handover.learner.id}/",
            f"{handover.address}packages/1/",
        ):
            assert client.get(address).status_code == 404
        by = make.acting_as(handover.senco)
        assert handover.move.id not in {m.id for m in moves.visible_to(by)}
        with pytest.raises(Refused):
            receiving.ask(by=by, transition_id=handover.move.id, question="How is it going?")

    def test_nobody_else_has_the_move(self, handover: Handover) -> None:
        self.pass_on(handover)
        for person in (
            make.staff("head", handover.school),
            make.staff("senco", make.setting(handover.area)),
        ):
            assert browser(person).get(handover.address).status_code == 404

    def test_the_database_says_the_same(self, handover: Handover) -> None:
        self.pass_on(handover)
        query = self.asked(handover)

        def rows(person: User, sql: str) -> int:
            make.acting_as(person)
            with connection.cursor() as cursor:
                cursor.execute(sql)
                return cursor.rowcount

        old, answer = handover.senco, "SET answer = 'The 12', answered_at = now()"
        assert rows(old, "SELECT id FROM transitions_transition") == 1
        assert rows(old, "SELECT id FROM transitions_query") == 1
        for table in ("package", "delivery", "dayone", "settlingin"):
            assert rows(old, f"SELECT id FROM transitions_{table}") == 0
        assert rows(old, "UPDATE transitions_transition SET reason = 'x'") == 0
        with pytest.raises(DatabaseError), transaction.atomic():
            rows(old, "UPDATE transitions_query SET question = 'Another?'")
        for stranger in (
            make.staff("head", handover.school),
            make.staff("senco", make.setting(handover.area)),
        ):
            assert rows(stranger, "SELECT id FROM transitions_query") == 0
            assert rows(stranger, f"UPDATE transitions_query {answer}") == 0
        assert rows(old, f"UPDATE transitions_query {answer}") == 1
        assert rows(old, f"UPDATE transitions_query {answer}") == 0
        with as_owner():
            query.refresh_from_db()
            assert query.question == "Which bus?"
            RecordHolder.objects.update(sealed=True)
        assert rows(old, "SELECT id FROM transitions_transition") == 0
        assert rows(old, "SELECT id FROM transitions_query") == 0

    def test_before_the_first_day_a_question_is_the_two_settings_own(
        self, handover: Handover
    ) -> None:
        query = self.asked(handover)
        receiving.answer(by=make.acting_as(handover.senco), query_id=query.id, text="The 12")
        with as_owner():
            told = Notification.objects.get(kind="answer about a move")
        assert str(handover.learner) in told.text

    def test_whoever_stands_in_does_what_is_outstanding_and_then_no_more(
        self, handover: Handover
    ) -> None:
        self.pass_on(handover)
        by = make.acting_as(handover.officer)
        receiving.ask(by=by, transition_id=handover.move.id, question="Which bus?")
        with as_owner():
            assert Query.objects.get().asked_for == handover.next.id
        receiving.receive(by=by, transition_id=handover.move.id)
        assert learners.right_of(by, handover.learner.id) == "contribute"
        receiving.accept(by=by, transition_id=handover.move.id, day_one={})
        assert learners.right_of(by, handover.learner.id) == "read"

    def test_what_was_accepted_before_leaves_nothing_to_stand_in_for(
        self, handover: Handover
    ) -> None:
        by = make.acting_as(handover.officer)
        receiving.receive(by=by, transition_id=handover.move.id)
        receiving.accept(by=by, transition_id=handover.move.id, day_one={})
        self.pass_on(handover)
        by = make.acting_as(handover.officer)
        assert learners.right_of(by, handover.learner.id) == "read"


def test_nobody_stands_in_for_an_acting_senco_with_a_last_day() -> None:
    area = make.local_area()
    school, to = make.setting(area), make.setting(area)
    officer = make.staff("officer", area)
    make.staff("senco", to, ends_on=clock.today() + timedelta(days=60))
    learner, _ = moving(school, to, 10)
    assert learners.right_of(make.acting_as(officer), learner.id) == "read"
    commit()


class TestAnotherFirstDay:
    def change(self, handover: Handover, days: int) -> None:
        planning.change_first_day(
            by=make.acting_as(handover.senco),
            transition_id=handover.move.id,
            starts_on=clock.today() + timedelta(days=days),
        )

    def test_a_start_put_back_a_week_passes_the_record_a_week_later(
        self, handover: Handover
    ) -> None:
        self.change(handover, 17)
        shift(16)
        assert not handover.work("pass")
        assert handover.holder() == handover.school.id
        shift(17)
        assert handover.work("pass")
        assert handover.holder() == handover.next.id

    def test_the_other_side_is_told_where_it_knows_of_the_move(self, handover: Handover) -> None:
        self.change(handover, 17)
        with as_owner():
            told = Notification.objects.get(kind="first day changed")
        assert told.recipient_id == handover.next.id
        assert f"{clock.today() + timedelta(days=17):%-d %B %Y}" in told.text

    def test_a_day_that_went_by_or_a_move_that_ended_is_refused(self, handover: Handover) -> None:
        with pytest.raises(Invalid):
            self.change(handover, 0)
        with pytest.raises(Refused):
            planning.change_first_day(
                by=make.acting_as(make.staff("senco", handover.next)),
                transition_id=handover.move.id,
                starts_on=clock.today() + timedelta(days=17),
            )
        by = make.acting_as(handover.senco)
        planning.withdraw(by=by, transition_id=handover.move.id, why="Stays")
        with pytest.raises(InvalidTransition):
            self.change(handover, 17)

    def test_it_is_changed_on_the_page_of_the_move(self, handover: Handover) -> None:
        client = browser(handover.senco)
        day = clock.today() + timedelta(days=17)
        sent = {"starts_on_0": day.day, "starts_on_1": day.month, "starts_on_2": day.year}
        assert client.post(f"{handover.address}first-day/", sent).status_code == 302
        assert f"{day:%-d %B %Y}" in client.get(handover.address).content.decode()
        page = client.post(f"{handover.address}first-day/", {**sent, "starts_on_2": 2020})
        assert "Enter a date after today." in page.content.decode()


def test_a_move_without_a_destination_is_not_redirected_but_named_first() -> None:
    school, to = make.setting(), make.setting(name="Ridgeway High")
    learner, move = moving(school, make.setting(), 10)
    senco = make.staff("senco", school)
    by = make.acting_as(senco)
    planning.withdraw(by=by, transition_id=move.id, why="Stays")
    expected = planning.expect(
        by=by,
        learner=learner,
        kind="phase",
        starts_on=clock.today() + timedelta(days=10),
        year_group=7,
    )
    sent = {"why": "New house", "to_setting": to.name}
    page = browser(senco).post(f"/moves/{expected.id}/end/", sent).content.decode()
    assert "Name the destination first" in page and "ended already" not in page
    commit()
