"""Who closes the record of a child who has died, and how a mistake is undone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse

from apps.access import grants, rls
from apps.audit.models import Event
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible, Refused
from apps.learners.models import Enrolment, Learner
from apps.lives.actions import death
from apps.transitions.actions import delivery
from apps.transitions.models import Delivery
from tests import factories as make
from tests.support.database import as_owner
from tests.support.lives import (
    FACTS,
    WORK,
    browser,
    close,
    rows_of,
)

pytestmark = pytest.mark.django_db


class TestWhoClosesAndHow:
    @pytest.mark.parametrize(
        ("changed", "field"), [({"told_by": " "}, "told_by"), ({"died_on": None}, "died_on")]
    )
    def test_it_needs_a_day_and_who_told(self, senco, robin, changed, field):
        with pytest.raises(Invalid) as refused:
            close(senco, robin, **changed)
        assert field in refused.value.fields

    @pytest.mark.parametrize("days", [1, -9000])
    def test_the_day_can_be_right(self, senco, robin, days):
        with pytest.raises(Invalid) as refused:
            close(senco, robin, died_on=clock.today() + timedelta(days=days))
        assert "died_on" in refused.value.fields

    def test_only_whoever_holds_the_record(self, school, other, robin):
        refusals = {
            make.staff("head", school): Refused,
            make.staff("teacher", school, whole_setting=True): Refused,
            make.staff("officer", school.local_area): Refused,
            make.parent(robin): Refused,
            make.staff("senco", other): Refused,
            make.staff("senco", make.setting(school.local_area)): NotVisible,
        }
        for person, refusal in refusals.items():
            with pytest.raises(refusal):
                close(person, robin)

    def test_the_page_says_what_will_happen_and_loses_nothing_typed(self, senco, robin):
        desk = browser(senco)
        url = reverse("death", args=[robin.id])
        assert "Ridgeway High" in desk.get(url).content.decode()
        day = {"died_on_0": "31", "died_on_1": "2", "died_on_2": "2026"}
        page = desk.post(url, {"told_by": "His mother", **day}).content.decode()
        assert "Date of death: that is not a real date." in page
        assert 'value="His mother"' in page

    def test_by_raw_sql_nobody_closes_what_they_do_not_hold(self, school, senco, robin):
        neighbour = make.staff("senco", make.setting(school.local_area))
        rls.set_context(grants.person(neighbour.id, "N", clock_may_shift=True))
        with connection.cursor() as cursor:
            cursor.execute("SELECT lives_quiet(%s)", [robin.id])
            assert cursor.fetchone() == ([],)
            cursor.execute("UPDATE learners_learner SET closed_because = 'joined'")
            assert cursor.rowcount == 0

    def test_the_page_closes_and_a_second_person_opens_again(self, school, senco, robin):
        day = clock.today()
        sent = {"told_by": "His mother", "died_on_0": day.day, "died_on_1": day.month}
        closing = browser(senco).post(
            reverse("death", args=[robin.id]), {**sent, "died_on_2": day.year}
        )
        assert closing.url == f"/learners/{robin.id}/"
        url = reverse("closed-record", args=[robin.id])
        assert b"somebody else has to" in browser(senco).get(url).content
        officer = browser(make.staff("officer", school.local_area))
        asked = officer.post(url, {"purpose": "concern"}).content.decode()
        assert "Open the record again" in asked
        opened = officer.post(url, {"purpose": "concern", "why": "Another child's name"})
        assert opened.status_code == 302
        with as_owner():
            assert Learner.objects.get(pk=robin.pk).closed_because == ""


class TestUndone:
    def test_by_a_second_person_everything_is_exactly_as_it_was(self, school, senco, robin):
        before = rows_of(robin, models_of=FACTS + WORK)
        close(senco, robin)
        assert rows_of(robin, models_of=FACTS + WORK) != before
        death.undo(by=make.acting_as(make.staff("head", school)), learner_id=robin.id, why="A slip")
        assert rows_of(robin, models_of=FACTS + WORK) == before
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
        with as_owner():
            done = Event.objects.filter(learner_id=robin.id, subject_kind="closure")
            assert [e.action for e in done.order_by("id")] == [
                "record closed: the child has died",
                "record opened again: noted by mistake",
            ]

    def test_although_the_worker_has_put_the_stopped_work_away(self, school, senco, robin):
        before = rows_of(robin, models_of=FACTS + WORK)
        close(senco, robin)
        with as_owner():
            waiting = list(Delivery.objects.filter(not_before__lte=clock.now()))
        for row in waiting:
            delivery.work(row.pk)
        death.undo(by=make.acting_as(make.staff("head", school)), learner_id=robin.id, why="A slip")
        assert rows_of(robin, models_of=FACTS + WORK) == before

    def test_a_place_that_began_that_day_comes_back(self, school, other, senco):
        robin = make.learner(school)
        with as_owner():
            Enrolment.objects.update(starts_on=clock.today())
        before = rows_of(robin, models_of=FACTS + WORK)
        close(senco, robin)
        death.undo(by=make.acting_as(make.staff("head", school)), learner_id=robin.id, why="A slip")
        assert rows_of(robin, models_of=FACTS + WORK) == before

    def test_nobody_undoes_their_own_act_and_no_stranger_any(self, school, senco, robin):
        close(senco, robin)
        refusals = {
            senco: Refused,
            make.staff("teacher", school, whole_setting=True): Refused,
            make.parent(robin): NotVisible,
            make.staff("senco", make.setting(school.local_area)): NotVisible,
        }
        for person, refusal in refusals.items():
            with pytest.raises(refusal):
                death.undo(by=make.acting_as(person), learner_id=robin.id, why="A slip")

    def test_by_the_areas_officer_where_the_setting_has_nobody_else(self, school, senco, robin):
        close(senco, robin)
        officer = make.staff("officer", school.local_area)
        death.undo(by=make.acting_as(officer), learner_id=robin.id, why="A slip")
        assert browser(senco).get(f"/learners/{robin.id}/").status_code == 200

    def test_it_needs_a_reason_and_is_done_once(self, school, senco, robin):
        close(senco, robin)
        head = make.staff("head", school)
        with pytest.raises(Invalid) as refused:
            death.undo(by=make.acting_as(head), learner_id=robin.id, why=" ")
        assert "why" in refused.value.fields
        death.undo(by=make.acting_as(head), learner_id=robin.id, why="A slip")
        with pytest.raises(NotVisible):
            death.undo(by=make.acting_as(head), learner_id=robin.id, why="A slip")
