"""Two records of one child: a machine proposes, people join, and a join can be undone (rule 7)."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.imports.actions import committing, staging
from apps.imports.models import ImportRow
from apps.learners import access_rows
from apps.learners.models import (
    EHCPlan,
    Enrolment,
    FamilyMember,
    Learner,
    RecordHolder,
)
from apps.lives import selectors
from apps.notifications.models import Notification
from apps.register.models import RegisterEntry
from apps.reviews.actions import places
from apps.reviews.models import Review
from apps.rights import actions as rights
from apps.transitions.actions import succession
from tests import factories as make
from tests.support.database import as_owner
from tests.support.lives import (
    OTHER_UPN,
    UPN,
    browser,
    close,
    everything_holds,
    join,
    listed,
    part,
    readers_of,
    rows_of,
)

pytestmark = pytest.mark.django_db


class TestAJoinInOneSetting:
    def test_leaves_one_child_in_every_list_and_under_every_number(self, school, senco, pair):
        kept, joined = pair
        join(senco, kept, joined)
        everything_holds()
        desk = browser(senco)
        assert b"<b>1</b> on the register" in desk.get("/register/").content
        assert str(joined.id).encode() not in desk.get("/register/").content
        with as_owner():
            kept.refresh_from_db()
            assert kept.upn == UPN
            assert kept.former_identifiers.get().value == OTHER_UPN
            assert Learner.objects.get(pk=joined.id).upn is None
            assert not Enrolment.objects.filter(learner=joined, ends_on=None).exists()
            assert Review.objects.filter(learner=joined, state="open").count() == 0

    def test_an_import_under_the_joined_number_or_name_is_the_one_child(self, school, senco):
        kept = listed(school, senco, upn=UPN)
        joined = listed(school, senco, upn=OTHER_UPN, known_given="Bobby", legal_given="Bobby")
        join(senco, kept, joined)
        head = "UPN,Legal forename,Legal surname,Date of birth,Year group"
        lines = f"{head}\n{OTHER_UPN},Robin,Aske,14/03/2018,4\n,Bobby,Aske,14/03/2018,4\n"
        by = make.acting_as(senco)
        batch = staging.stage(by=by, setting=school, file_name="l.csv", data=lines.encode())
        with as_owner():
            assert set(ImportRow.objects.values_list("matched_id", flat=True)) == {kept.id}
        staging.commit(by=make.acting_as(senco), import_id=batch.id)
        committing.work(batch.id)
        with as_owner():
            assert Learner.objects.count() == 2

    def test_opens_the_one_record_to_both_families(self, senco, pair):
        kept, joined = pair
        parent = make.parent(joined)
        family = browser(parent)
        join(senco, kept, joined)
        assert family.get(f"/family/{kept.id}/").status_code == 200
        answer = family.get(f"/family/{joined.id}/")
        assert f"/family/{kept.id}/" in answer.content.decode()
        with as_owner():
            assert Notification.objects.filter(
                recipient_id=parent.id, kind="records joined"
            ).exists()

    def test_opens_nothing_to_whoever_s_access_was_ended(self, senco, pair):
        kept, joined = pair
        person = make.parent(joined)
        with as_owner():
            FamilyMember.objects.create(
                learner=kept, user=person, name="Alex", relation="mother", why_not="Court order"
            )
        join(senco, kept, joined)
        assert browser(person).get(f"/family/{kept.id}/").status_code == 404

    def test_and_where_either_ended_it_both_are_closed_until_the_join_is_undone(self, senco, pair):
        kept, joined = pair
        person = make.parent(kept)
        with as_owner():
            FamilyMember.objects.create(
                learner=joined, user=person, name="Alex", relation="mother", why_not="Court order"
            )
        rows, readers = rows_of(*pair), [readers_of(x) for x in pair]
        closure = join(senco, kept, joined)
        assert browser(person).get(f"/family/{kept.id}/").status_code == 404
        part(senco, closure)
        assert rows_of(*pair) == rows
        assert [readers_of(x) for x in pair] == readers
        assert browser(person).get(f"/family/{kept.id}/").status_code == 200

    def test_keeps_what_was_signed_byte_for_byte_and_shows_it_through_the_other(self, senco, pair):
        kept, joined = pair
        with as_owner():
            signed = Review.objects.get(learner=joined, number=1)
        join(senco, kept, joined)
        earlier = selectors.earlier(make.acting_as(senco), kept.id)
        assert [(e.canonical, e.sha256) for e in earlier] == [(signed.canonical, signed.sha256)]
        page = browser(senco).get(reverse("earlier", args=[kept.id])).content.decode()
        assert "Seen at Wren Park" in page

    def test_the_joined_address_leads_to_the_one_record_and_strangers_nowhere(
        self, school, senco, pair
    ):
        kept, joined = pair
        join(senco, kept, joined)
        answer = browser(senco).get(f"/learners/{joined.id}/")
        assert answer.status_code == 200
        assert f"/learners/{kept.id}/" in answer.content.decode()
        neighbour = browser(make.staff("senco", make.setting(school.local_area)))
        assert neighbour.get(f"/learners/{joined.id}/").status_code == 404
        with connection.cursor() as cursor:
            make.acting_as(make.staff("senco", make.setting(school.local_area)))
            for sql in ("SELECT lives_joined_into(%s)", "SELECT * FROM lives_earlier(%s)"):
                cursor.execute(sql, [joined.id])
                assert cursor.fetchone() in {None, (None,)}

    def test_a_copy_of_everything_has_both(self, school, senco, pair):
        kept, _ = pair
        join(senco, *pair)
        said = {"copy_for": "Mother", "identity": "Known to us"}
        by = make.acting_as(senco)
        export = rights.ask(by=by, learner=kept, holder_id=school.id, **said)
        rights.work(export.id)
        content = rights.take_out(by=make.acting_as(senco), export=export)
        with zipfile.ZipFile(io.BytesIO(content)) as bundle:
            earlier = json.loads(bundle.read("record.json"))["earlier_records"]
            assert [row["known_as"] for row in earlier] == ["Robin Aske"]
            assert "Earlier records" in bundle.read("record.html").decode()

    def test_the_api_treats_the_two_as_one(self, school, senco, pair):
        kept, joined = pair
        join(senco, kept, joined)
        _, token = make.api_client(school)
        client = Client(headers={"Authorization": token})
        gone = client.get(f"/api/v1/learners/{joined.id}/")
        assert (gone.status_code, gone.json()["code"]) == (410, "joined")
        assert str(kept.id) in gone.json()["detail"]
        found = client.post("/api/v1/learners/find/", {"upn": OTHER_UPN}, "application/json")
        assert [row["id"] for row in found.json()] == [str(kept.id)]
        _, foreign = make.api_client(make.setting())
        there = Client(headers={"Authorization": foreign})
        assert there.get(f"/api/v1/learners/{joined.id}/").status_code == 404

    def test_the_setting_s_successor_takes_over_all_the_same(self, school, senco, pair, robin):
        close(senco, robin)
        join(senco, *pair)
        academy = make.setting(school.local_area, name="Wren Park Academy")
        by = make.acting_as(make.staff("administrator"))
        succession.succeed(by=by, old=school, new=academy)
        everything_holds()
        theirs = browser(make.staff("senco", academy))
        assert theirs.get(f"/learners/{pair[0].id}/").status_code == 200
        assert theirs.get(f"/learners/{robin.id}/").status_code == 200

    def test_a_family_reads_the_earlier_record_without_what_is_for_staff(self, senco, pair):
        kept, joined = pair
        with as_owner():
            review = Review.objects.get(learner=joined, number=1)
            text = review.canonical.replace('"audience":"everyone"', '"audience":"staff"')
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("ALTER TABLE reviews_review DISABLE TRIGGER USER")
                sql = "UPDATE reviews_review SET canonical = %s WHERE id = %s"
                cursor.execute(sql, [text, review.id])
                cursor.execute("ALTER TABLE reviews_review ENABLE TRIGGER USER")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        parent = make.parent(kept)
        join(senco, kept, joined)
        assert "Seen at" not in str(selectors.earlier(make.acting_as(parent), kept.id))
        assert "Seen at" in str(selectors.earlier(make.acting_as(senco), kept.id))

    def test_a_plan_and_a_permanent_number_win(self, school, senco):
        kept = listed(school, senco, upn="F20136142500A")
        joined = listed(school, senco, upn=UPN)
        places.note_plan(
            by=make.acting_as(senco),
            learner=joined,
            setting=school,
            local_area=school.local_area,
            starts_on=clock.today() - timedelta(days=9),
        )
        join(senco, kept, joined)
        everything_holds()
        with as_owner():
            kept.refresh_from_db()
            assert kept.upn == UPN
            assert kept.former_identifiers.get().value == "F20136142500A"
            assert EHCPlan.objects.get(learner=kept).ends_on is None
            assert RegisterEntry.objects.get(learner=kept, ends_on=None).has_plan

    def test_a_record_that_another_was_joined_into_is_joined_with_both_numbers(self, school, senco):
        first, second = listed(school, senco, upn=UPN), listed(school, senco, upn=OTHER_UPN)
        third = listed(school, senco, upn=None)
        join(senco, second, first)
        rows = rows_of(second, third)
        closure = join(senco, third, second)
        everything_holds()
        with as_owner():
            third.refresh_from_db()
            former = third.former_identifiers.values_list("value", flat=True)
            assert {third.upn, *former} == {UPN, OTHER_UPN}
        part(senco, closure)
        everything_holds()
        assert rows_of(second, third) == rows

    def test_the_one_with_a_record_goes_on(self, school, senco):
        recordless, joined = make.learner(school), listed(school, senco)
        with pytest.raises(Invalid, match="other way round"):
            join(senco, recordless, joined)
        join(senco, joined, recordless)

    def test_a_child_who_left_and_came_back_under_a_new_name_is_held_again(self, school, senco):
        before = listed(school, senco)
        area = school.local_area
        places.leave_without_place(
            by=make.acting_as(senco), learner=before, local_area=area, why="between"
        )
        again = make.learner(school, known_family="Aske", legal_family="Aske")
        officer = make.staff("officer", area)
        with as_owner():
            access_rows.give(
                learner_id=again.id,
                kind="local area",
                grantee_id=area.id,
                right="read",
                reason="oversees the area",
            )
        rows = rows_of(before, again)
        closure = join(officer, before, again)
        everything_holds()
        with as_owner():
            assert RecordHolder.objects.get(learner=before, ends_on=None).setting_id == school.id
        assert browser(senco).get(f"/learners/{before.id}/").status_code == 200
        part(officer, closure)
        everything_holds()
        assert rows_of(before, again) == rows
        assert browser(senco).get(f"/learners/{before.id}/").status_code == 404


class TestAJoinAcrossTwoSettings:
    def test_is_the_areas_and_both_settings_are_told(self, school, other, senco, apart):
        kept, joined = apart
        with pytest.raises(NotVisible):
            join(senco, kept, joined)
        join(make.staff("officer", school.local_area), kept, joined)
        everything_holds()
        with as_owner():
            told = Notification.objects.filter(kind="records joined")
            assert {n.recipient_id for n in told} == {school.id, other.id}
            second = Enrolment.objects.get(learner=kept, setting=other, ends_on=None)
            assert second.kind == "subsidiary"
            here = RegisterEntry.objects.filter(learner=kept, ends_on=None)
            assert {e.setting_id: e.also_here for e in here} == {school.id: False, other.id: True}

    def test_nobody_else_s(self, school, other, senco, apart):
        kept, joined = apart
        refusals = {
            make.staff("head", school): NotVisible,
            make.staff("officer", make.local_area()): NotVisible,
            make.parent(kept): NotVisible,
        }
        for person, refusal in refusals.items():
            with pytest.raises(refusal):
                join(person, kept, joined)

    def test_undone_both_are_exactly_what_they_were(self, school, other, apart):
        officer = make.staff("officer", school.local_area)
        rows, readers = rows_of(*apart), [readers_of(x) for x in apart]
        closure = join(officer, *apart)
        assert rows_of(*apart) != rows
        part(officer, closure)
        everything_holds()
        assert rows_of(*apart) == rows
        assert [readers_of(x) for x in apart] == readers
