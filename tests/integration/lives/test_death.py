"""The death of a child: one act stops every message, review and move, that minute, everywhere."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.urls import reverse

from apps.access.models import Invitation
from apps.common import clock
from apps.common.exceptions import InvalidTransition
from apps.imports.actions import checking, committing, staging
from apps.imports.models import IdentifierCheck, ImportRow
from apps.learners import family
from apps.learners.models import Enrolment, Learner, RecordHolder
from apps.notifications.models import Notification
from apps.register.models import RegisterEntry
from apps.reviews.actions import places, term, voices
from apps.reviews.models import Review
from apps.rights import actions as rights
from apps.transitions.actions import delivery, planning
from apps.transitions.models import Delivery, Package, Transition
from tests import factories as make
from tests.support.database import as_owner
from tests.support.lives import (
    browser,
    close,
)

pytestmark = pytest.mark.django_db


class TestWhatStops:
    def test_every_message_that_nobody_has_read_and_every_code(self, senco, robin):
        parent = make.parent(robin)
        voices.contribute(by=make.acting_as(parent), learner=robin, going_well="Sings")
        close(senco, robin)
        with as_owner():
            assert Notification.objects.filter(learner_id=robin.id).exists()
            assert not Notification.objects.filter(learner_id=robin.id, read_at=None).exists()
            assert not Invitation.objects.filter(expires_at__gt=clock.now()).exists()

    def test_the_open_review_the_move_and_its_work(self, senco, robin):
        close(senco, robin)
        with as_owner():
            assert not Review.objects.filter(state="open").exists()
            assert Transition.objects.get().state == "withdrawn"
            waiting = list(Delivery.objects.filter(learner=robin))
        for row in waiting:
            with as_owner():
                Delivery.objects.filter(pk=row.pk).update(not_before=clock.now())
            assert delivery.work(row.pk)
        with as_owner():
            assert not Package.objects.exists()
            assert RecordHolder.objects.get().setting_id == robin.enrolments.get().setting_id

    def test_places_and_lines_on_registers_but_not_who_holds_the_record(self, school, senco, robin):
        close(senco, robin)
        with as_owner():
            assert not Enrolment.objects.filter(ends_on=None).exists()
            assert not RegisterEntry.objects.filter(ends_on=None).exists()
            assert RecordHolder.objects.get(ends_on=None).setting_id == school.id

    def test_on_the_areas_list_too(self, school, senco, robin):
        by = make.acting_as(senco)
        move = Transition.objects.get()
        planning.withdraw(by=by, transition_id=move.id, why="Stays")
        places.leave_without_place(by=by, learner=robin, local_area=school.local_area, why="home")
        officer = make.staff("officer", school.local_area)
        close(officer, robin)
        with as_owner():
            assert not RegisterEntry.objects.filter(ends_on=None).exists()
            assert RecordHolder.objects.get(ends_on=None).local_area_id == school.local_area_id
        desk = browser(officer)
        assert robin.display_name.encode() not in desk.get("/area/").content

    def test_it_is_due_late_and_counted_nowhere(self, school, senco, robin):
        close(senco, robin)
        desk = browser(senco)
        for page in ("home", "register", "reviews", "moves"):
            assert str(robin.id).encode() not in desk.get(reverse(page)).content
        by = make.acting_as(senco)
        assert term.open_term(by=by, setting=school) == 0
        assert b"<b>0</b> on the register" in desk.get("/register/").content


class TestWhatNobodyCanDoAnyMore:
    def test_no_door_of_the_application_adds_anything(self, school, senco, robin):
        parent = make.parent(robin)
        close(senco, robin)
        by = make.acting_as(senco)
        for act, values in (
            (places.attend_also, {"setting": school, "kind": "guest", "year_group": 4}),
            (planning.expect, {"kind": "phase", "starts_on": clock.today(), "year_group": 7}),
        ):
            with pytest.raises(InvalidTransition, match="closed"):
                act(by=by, learner=robin, **values)
        with pytest.raises(InvalidTransition, match="closed"):
            voices.contribute(by=make.acting_as(parent), learner=robin, going_well="Sang")
        with pytest.raises(InvalidTransition, match="closed"):
            close(senco, robin)

    @pytest.mark.parametrize(
        "sql",
        [
            "INSERT INTO learners_enrolment (learner_id, setting_id, kind, year_group, class_name,"
            " starts_on, leaving_reason) VALUES (%(robin)s, %(school)s, 'main', 4, '', now(), '')",
            "UPDATE learners_enrolment SET ends_on = NULL WHERE learner_id = %(robin)s",
            "INSERT INTO transitions_transition (learner_id, kind, state, from_setting_id,"
            " starts_on, year_group, reason, end_reason, opened_at, version) VALUES (%(robin)s,"
            " 'phase', 'expected', %(school)s, now(), 7, '', '', now(), 1)",
            "UPDATE transitions_transition SET state = 'named' WHERE learner_id = %(robin)s",
            "INSERT INTO reviews_review (record_id, learner_id, setting_id, framework_id, kind,"
            " state, year, term, opened_at, signed_off_name, no_conversation_because,"
            " nothing_changed, canonical, sha256, version)"
            " SELECT record_id, learner_id, setting_id, framework_id, 'interim', 'open', year,"
            " term, now(), '', '', false, '', '', 1 FROM reviews_review LIMIT 1",
            "UPDATE reviews_review SET state = 'open' WHERE state = 'lapsed'",
            "UPDATE learners_learner SET closed_because = '', died_on = NULL"
            " WHERE id = %(robin)s; SET CONSTRAINTS ALL IMMEDIATE",
            "INSERT INTO access_invitation (email, name, role, family_member_id, learner_id,"
            " code_digest, invited_by_id, created_at, expires_at, attempts) SELECT email, name,"
            " role, family_member_id, learner_id, 'x', invited_by_id, created_at, expires_at, 0"
            " FROM access_invitation WHERE learner_id = %(robin)s",
        ],
    )
    def test_nor_does_the_database(self, school, senco, robin, sql):
        close(senco, robin)
        make.acting_as(senco)
        with (
            pytest.raises(DatabaseError, match=r"closed|stays as it ended|says why|not change"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            for command in sql.split(";"):
                cursor.execute(command, {"school": school.id, "robin": robin.id})

    def test_a_message_is_not_made_and_stops_nothing_else(self, school, senco, robin):
        close(senco, robin)
        make.acting_as(senco)
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO notifications_notification (recipient_id, learner_id, kind, text,"
                " link, key, created_at) VALUES (%s, %s, 'k', 't', '', 'k', now())",
                [school.id, robin.id],
            )
            assert cursor.rowcount == 0

    def test_a_list_of_the_school_that_still_has_the_child_adds_nobody(self, school, senco, robin):
        close(senco, robin)
        by = make.acting_as(senco)
        head = "Legal forename,Legal surname,Date of birth,Year group"
        data = f"{head}\nRobin,{robin.legal_family},14/03/2018,4\n".encode()
        batch = staging.stage(by=by, setting=school, file_name="l.csv", data=data)
        staging.commit(by=by, import_id=batch.id)
        committing.work(batch.id)
        with as_owner():
            row = ImportRow.objects.get()
            assert row.outcome == "same"
            assert "closed" in str(row.problems)
            assert Learner.objects.count() == 1

    def test_another_setting_s_list_with_the_number_tells_nobody(self, school, senco, robin):
        with as_owner():
            Learner.objects.filter(pk=robin.pk).update(upn="B801200005001")
        close(senco, robin)
        other = make.setting(name="Elsewhere")
        theirs = make.learner(other, date_of_birth=robin.date_of_birth)
        with as_owner():
            IdentifierCheck.objects.create(
                setting=other,
                learner=theirs,
                upn="B801200005001",
                show_from=clock.today(),
                opened_at=clock.now(),
            )
            Notification.objects.all().delete()
        checking.settle_due()
        with as_owner():
            assert IdentifierCheck.objects.get().state == "with area"
            assert not Notification.objects.exists()


class TestWhatStays:
    def test_whoever_could_read_the_record_can(self, school, senco, robin):
        parent, teacher = make.parent(robin), make.staff("teacher", school, whole_setting=True)
        close(senco, robin)
        assert browser(senco).get(f"/learners/{robin.id}/").status_code == 200
        assert browser(teacher).get(f"/learners/{robin.id}/").status_code == 200
        page = browser(parent).get(f"/family/{robin.id}/")
        assert page.status_code == 200
        assert b"We are very sorry" in page.content
        assert b"Say what you think" not in page.content
        neighbour = make.staff("senco", make.setting(school.local_area))
        assert browser(neighbour).get(f"/learners/{robin.id}/").status_code == 404

    def test_the_banner_says_the_day_and_no_age(self, senco, robin):
        close(senco, robin)
        page = browser(senco).get(f"/learners/{robin.id}/").content.decode()
        assert f"Died {clock.today():%-d %B %Y}" in page
        assert "years old" not in page

    def test_a_copy_can_be_made_and_access_ended(self, school, senco, robin):
        parent = make.parent(robin)
        close(senco, robin)
        by = make.acting_as(senco)
        export = rights.ask(
            by=by, learner=robin, holder_id=school.id, copy_for="Mother", identity="Known"
        )
        rights.work(export.id)
        with as_owner():
            export.refresh_from_db()
            assert export.state == "made"
            member = robin.family.get(user=parent)
        by = make.acting_as(senco)
        family.close_to_family(by=by, member=member, why="At her wish")
        assert browser(parent).get(f"/family/{robin.id}/").status_code == 404

    def test_the_record_is_found_among_the_closed_ones(self, school, senco, robin):
        close(senco, robin)
        assert robin.display_name in browser(senco).get("/closed-records/").content.decode()
        neighbour = make.staff("senco", make.setting(school.local_area))
        assert robin.display_name not in browser(neighbour).get("/closed-records/").content.decode()
