"""An existing list becomes the register: read, looked at, brought over, and a level for each."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.access import grants, rls
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible
from apps.imports.actions import committing, staging
from apps.imports.models import Import
from apps.register.models import BroughtOver, RegisterEntry
from apps.reviews import tasks
from apps.reviews.actions import brought_over
from apps.reviews.actions.places import leave_without_place, note_plan
from apps.reviews.actions.term import open_term
from apps.reviews.models import Review, Statement
from apps.transitions.actions import delivery, planning
from apps.transitions.models import Delivery
from tests import factories as make
from tests.support.database import as_owner
from tests.support.lives import close

pytestmark = pytest.mark.django_db

LIST = (
    b"Forename,Surname,DOB,Primary need,Notes,Support 1,Support 2\r\n"
    b"Robin,Exampleson,14/03/2016,SLCN - Speech,"
    b'"Points, seldom speaks","Pictures first; Small group",Talk partner\r\n'
    b"Wren,Exampleson,,,Tires after lunch,,\r\n"
    b"Nobody,Here,01/01/2015,,,,\r\n"
    b",,,,Who is this,,\r\n"
)


@pytest.fixture
def school():
    return make.setting()


@pytest.fixture
def senco(school):
    return make.staff("senco", school)


@pytest.fixture
def robin(school):
    return make.learner(
        school, legal_given="Robin", known_given="Robin", legal_family="Exampleson",
        known_family="Exampleson", date_of_birth="2016-03-14",
    )  # fmt: skip


@pytest.fixture
def wren(school):
    return make.learner(
        school, legal_given="Wren", known_given="Wren", legal_family="Exampleson",
        known_family="Exampleson",
    )  # fmt: skip


def stage(senco, school, data: bytes = LIST) -> Import:
    return staging.stage(
        by=make.acting_as(senco), setting=school, file_name="sen.csv", data=data, register=True
    )


def bring(senco, school, data: bytes = LIST) -> Import:
    batch = stage(senco, school, data)
    staging.commit(by=make.acting_as(senco), import_id=batch.id)
    rls.clear_context()
    committing.work(batch.id)
    committing.work(batch.id)
    everything_holds()
    make.acting_as(senco)
    batch.refresh_from_db()
    return batch


def everything_holds() -> None:
    """Rule 3, now and not when the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def desk_of(senco) -> Client:
    client = Client()
    client.force_login(senco, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def waiting(learner) -> BroughtOver:
    return BroughtOver.objects.get(learner=learner, ended_on=None)


class TestTheList:
    def test_is_looked_at_first_and_says_what_to_mend(self, school, senco, robin, wren) -> None:
        batch = stage(senco, school)
        rows = {r.number: r for r in batch.rows.all()}
        assert [rows[n].outcome for n in (2, 3, 4, 5)] == ["add", "add", "problem", "problem"]
        assert rows[2].changes == ["Robin Exampleson is brought over", "3 supports"]
        assert "Nobody on your roll" in rows[4].problems[0]["message"]
        assert not RegisterEntry.objects.exists()

    def test_finds_by_name_alone_only_whom_it_cannot_mistake(self, school, senco, wren) -> None:
        make.learner(
            school, legal_given="Wren", known_given="Wren", legal_family="Exampleson",
            known_family="Exampleson",
        )  # fmt: skip
        (row,) = stage(senco, school, b"Forename,Surname\r\nWren,Exampleson\r\n").rows.all()
        assert row.outcome == "problem"

    def test_finds_nobody_of_another_setting(self, senco, school, wren) -> None:
        other = make.setting()
        batch = stage(make.staff("senco", other), other)
        assert {r.outcome for r in batch.rows.all()} == {"problem"}

    def test_brings_a_learner_over_once_however_often_they_stand_there(
        self, school, senco, wren
    ) -> None:
        twice = (
            b"Forename,Surname,Need,Support\r\nWren,Exampleson,Tires,Naps\r\n"
            b"Wren,Exampleson,Is hungry,Snack\r\n"
        )
        bring(senco, school, twice)
        bring(senco, school, twice)
        assert waiting(wren).said == {
            "need": "Tires Is hungry", "type": "", "supports": ["Naps", "Snack"],
        }  # fmt: skip


class TestBroughtOver:
    def test_is_on_the_register_at_once_with_what_the_list_said(
        self, school, senco, robin, wren
    ) -> None:
        assert bring(senco, school).done == 2
        entries = {e.learner_id: e for e in RegisterEntry.objects.filter(ends_on=None)}
        assert set(entries) == {robin.id, wren.id}
        assert all(e.brought_over and e.highest_rank == 0 for e in entries.values())
        there = waiting(robin)
        assert there.area == "communication-and-interaction"
        assert there.said["supports"] == ["Pictures first", "Small group", "Talk partner"]
        assert there.brought_by == senco.name

    @pytest.mark.parametrize("since", ["died", "moved on"])
    def test_whoever_is_here_no_more_holds_up_nobody_else(
        self, school, senco, robin, wren, since
    ) -> None:
        batch = stage(senco, school)
        if since == "died":
            close(senco, robin)
        else:
            by = make.acting_as(senco)
            note_plan(
                by=by, learner=robin, setting=school, local_area=school.local_area,
                starts_on=clock.today(),
            )  # fmt: skip
            leave_without_place(by=by, learner=robin, local_area=school.local_area, why="home")
        staging.commit(by=make.acting_as(senco), import_id=batch.id)
        rls.clear_context()
        committing.work(batch.id)
        make.acting_as(senco)
        batch.refresh_from_db()
        assert (batch.state, batch.done, batch.total) == ("committed", 1, 1)
        assert waiting(wren)
        row = batch.rows.get(number=2)
        assert (row.outcome, row.done_at) == ("problem", None)
        shown = desk_of(senco).get(f"/imports/{batch.id}/").content.decode()
        assert "This was left out." in shown and "1 done on" in shown

    def test_owes_no_review_before_a_level_is_chosen(self, school, senco, robin, wren) -> None:
        bring(senco, school)
        with as_owner():
            RegisterEntry.objects.update(starts_on=clock.today() - timedelta(days=200))
        assert open_term(by=make.acting_as(senco), setting=school) == 0

    def test_a_level_makes_it_an_entry_with_its_supports_in_force(
        self, school, senco, robin, wren
    ) -> None:
        bring(senco, school)
        there = waiting(robin)
        brought_over.choose_level(
            by=make.acting_as(senco),
            brought=there,
            area=there.area,
            level="moderate",
            what=there.said["need"],
            supports=there.said["supports"],
        )
        everything_holds()
        entry = RegisterEntry.objects.get(learner=robin, ends_on=None)
        assert not entry.brought_over
        assert entry.levels["communication-and-interaction"]["level"] == "moderate"
        texts = Statement.objects.filter(learner=robin).order_by("kind", "order")
        assert [s.text for s in texts] == [
            "Points, seldom speaks", "Pictures first", "Small group", "Talk partner",
        ]  # fmt: skip
        first = Review.objects.get(learner=robin, state="open")
        assert (first.kind, first.due_on >= clock.today() + timedelta(days=14)) == ("first", True)
        with pytest.raises(InvalidTransition):
            brought_over.choose_level(
                by=make.acting_as(senco), brought=there, area=there.area, level="mild", what="x"
            )

    def test_full_records_fall_due_in_different_weeks(self, school, senco) -> None:
        for year in range(1, 7):
            learner = make.learner(school, year_group=year)
            brought = brought_over.bring_over(
                by=make.acting_as(senco), learner=learner, setting=school, brought_by="x"
            )
            assert brought
            brought_over.choose_level(
                by=make.acting_as(senco), brought=brought, area="cognition-and-learning",
                level="mild", what="Works slowly",
            )  # fmt: skip
        due = Review.objects.filter(state="open").values_list("due_on", flat=True)
        assert len(set(due)) > 1

    def test_whoever_should_not_be_there_is_left_off_with_a_reason(
        self, school, senco, robin
    ) -> None:
        bring(senco, school)
        with pytest.raises(Invalid):
            brought_over.leave_off(by=make.acting_as(senco), brought=waiting(robin), why=" ")
        brought_over.leave_off(by=make.acting_as(senco), brought=waiting(robin), why="Caught up")
        everything_holds()
        entry = RegisterEntry.objects.get(learner=robin)
        assert (entry.ends_on, entry.leaving_reason) == (clock.today(), "Caught up")

    def test_it_lapses_when_nobody_chose_a_level_in_time(self, school, senco, robin) -> None:
        bring(senco, school)
        with rls.acting(grants.worker(school.id)) as worker:
            assert brought_over.lapse_due(by=worker) == 0
        with as_owner():
            BroughtOver.objects.update(lapses_on=clock.today())
        with rls.acting(grants.worker(school.id)) as worker:
            assert brought_over.lapse_due(by=worker) == 1
            everything_holds()
        make.acting_as(senco)
        assert not RegisterEntry.objects.filter(ends_on=None).exists()

    @pytest.mark.parametrize("to", ["another school", "no school"])
    def test_it_lapses_with_whoever_holds_the_record_by_then(
        self, school, senco, robin, wren, to
    ) -> None:
        bring(senco, school)
        with as_owner():
            BroughtOver.objects.filter(learner=robin).update(lapses_on=clock.today())
        other = make.setting()
        if to == "another school":
            by = make.acting_as(senco)
            move = planning.expect(
                by=by, learner=robin, to_setting=other, kind="in-year",
                starts_on=clock.today() + timedelta(days=1), year_group=4,
            )  # fmt: skip
            with as_owner():
                Delivery.objects.filter(transition=move).update(not_before=clock.now())
                (passing,) = Delivery.objects.filter(transition=move, work="pass")
            delivery.work(passing.pk)
        else:
            leave_without_place(
                by=make.acting_as(senco), learner=robin, local_area=other.local_area, why="home"
            )
        with as_owner():
            holder = RegisterEntry.objects.get(learner=robin, ends_on=None)
        assert holder.setting_id != school.id
        tasks.lapse_all()
        everything_holds()
        with as_owner():
            assert BroughtOver.objects.get(learner=robin).ended == "lapsed"
            assert RegisterEntry.objects.get(ends_on=None).learner == wren

    def test_it_waits_unchanged_where_the_record_is_closed(
        self, school, senco, robin, wren
    ) -> None:
        bring(senco, school)
        with as_owner():
            BroughtOver.objects.update(lapses_on=clock.today())
        close(senco, robin)
        tasks.lapse_all()
        with as_owner():
            assert BroughtOver.objects.get(ended_on=None).learner == robin

    def test_what_the_list_said_is_read_by_whoever_holds_the_record_alone(
        self, school, senco, robin
    ) -> None:
        parent = make.parent(robin)
        bring(senco, school)
        there = waiting(robin)
        for person in (
            parent,
            make.staff("head", school),
            make.staff("teacher", school, whole_setting=True),
            make.staff("senco", make.setting()),
        ):
            by = make.acting_as(person)
            assert not BroughtOver.objects.exists()
            with pytest.raises(
                (NotVisible, InvalidTransition, PermissionError, Invalid, Exception)
            ):
                brought_over.leave_off(by=by, brought=there, why="x")
            with pytest.raises(DatabaseError), transaction.atomic():
                BroughtOver.objects.bulk_create(
                    [
                        BroughtOver(
                            learner=robin, setting=school, said={}, brought_by="x",
                            brought_at=clock.now(), lapses_on=clock.today(),
                        )
                    ]
                )  # fmt: skip


class TestThePage:
    @pytest.fixture
    def desk(self, senco) -> Client:
        return desk_of(senco)

    def test_a_list_is_read_then_brought_over(self, desk, school, robin, wren) -> None:
        file = SimpleUploadedFile("sen.csv", LIST, "text/csv")
        answer = desk.post("/register/brought-over/", {"bring": "1", "file": file})
        shown = desk.get(answer["Location"]).content.decode()
        assert "Robin Exampleson is brought over" in shown
        assert "Nobody on your roll" in shown

    def test_a_file_that_is_none_says_why(self, desk) -> None:
        file = SimpleUploadedFile("sen.csv", b"PK\x03\x04", "text/csv")
        answer = desk.post("/register/brought-over/", {"bring": "1", "file": file})
        assert "Save the list as CSV" in answer.content.decode()

    def test_some_levels_at_once_and_the_rest_later(self, desk, senco, school, robin, wren) -> None:
        bring(senco, school)
        first, other = waiting(robin), waiting(wren)
        shown = desk.get("/register/brought-over/").content.decode()
        assert "Points, seldom speaks" in shown
        sent = {
            "levels": "1",
            f"{first.id}-area": first.area,
            f"{first.id}-level": "mild",
            f"{first.id}-what": "Points",
            f"{first.id}-supports": "Pictures first",
            f"{other.id}-level": "moderate",
            f"{other.id}-what": "Typed and not lost",
        }
        answer = desk.post("/register/brought-over/", sent).content.decode()
        assert "1 done." in answer
        assert "Choose one of the areas of need." in answer
        assert "Typed and not lost" in answer
        long = "Reads as well as the others since the spring. " * 3
        sent = {"levels": "1", f"{other.id}-level": "leave off", f"{other.id}-what": long}
        answer = desk.post("/register/brought-over/", sent).content.decode()
        assert "Say why they are left off, in 100 characters or fewer." in answer
        assert long.strip() in answer
        sent = {"levels": "1", f"{other.id}-level": "leave off", f"{other.id}-what": "Caught up"}
        assert desk.post("/register/brought-over/", sent).status_code == 302
        make.acting_as(senco)
        assert not BroughtOver.objects.filter(ended_on=None).exists()
        assert RegisterEntry.objects.get(ends_on=None).learner == robin
