"""Noticing: a teacher's or parent's early worry, and what comes of it."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.access import grants, rls
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Refused
from apps.learners import whereabouts
from apps.learners.actions import pass_record
from apps.learners.models import Learner
from apps.lives.actions import death
from apps.notifications.models import Notification
from apps.reviews import noticing as reading
from apps.reviews.actions import noticing, places
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Noticing
from apps.rights import bundle
from apps.rights.models import Export
from tests import factories as make
from tests.support.calendar import move_clock
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
WORDS = "Loses the thread after one instruction"


@pytest.fixture
def school():
    return make.setting(name="Fernhill")


@pytest.fixture
def robin(school) -> Learner:
    """On no register."""
    return make.learner(school)


@pytest.fixture
def senco(school) -> User:
    return make.staff("senco", school, name="Sue Grant")


@pytest.fixture
def teacher(school) -> User:
    return make.staff("teacher", school, whole_setting=True, name="Tess Lane")


@pytest.fixture
def parent(robin) -> User:
    return make.parent(robin)


@pytest.fixture
def noticed(robin, teacher) -> Noticing:
    return noticing.notice(
        by=make.acting_as(teacher), learner=robin, seen=WORDS, family_knows="not yet"
    )


def browser(person: User) -> Client:
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client


def told(recipient: Any, kind: str) -> list[str]:
    with as_owner():
        rows = Notification.objects.filter(recipient_id=recipient.id, kind=kind)
        return list(rows.values_list("text", flat=True))


class TestWhoNotices:
    def test_a_teacher_of_a_learner_on_no_register(self, noticed, school, senco):
        assert noticed.setting_id == school.id
        assert told(school, "noticed") == [f"{noticed.learner}: Tess Lane has noticed something."]
        assert WORDS in browser(senco).get("/home/").content.decode()

    def test_a_teacher_says_whether_the_family_knows(self, teacher, robin):
        with pytest.raises(Invalid) as found:
            noticing.notice(by=make.acting_as(teacher), learner=robin, seen=" ")
        assert set(found.value.fields) == {"seen", "family_knows"}

    def test_a_parent_from_the_child_s_page(self, parent, robin, senco):
        client = browser(parent)
        assert "Say what you notice" in client.get(f"/family/{robin.id}/").content.decode()
        client.post(f"/family/{robin.id}/notice/", {"seen": "Cries on Sundays", "tried": ""})
        with as_owner():
            found = Noticing.objects.get()
        assert (found.voice, found.family_knows) == ("family", "")
        assert "Cries on Sundays" in browser(senco).get(f"/noticing/{found.id}/").content.decode()

    def test_only_of_learners_of_theirs(self, school, robin):
        other = make.staff("teacher", school)  # with no group
        with pytest.raises(NotVisible):
            noticing.notice(by=make.acting_as(other), learner=robin, seen="x", family_knows="yes")
        head = make.staff("head", school)
        with pytest.raises(Refused):
            noticing.notice(by=make.acting_as(head), learner=robin, seen="x", family_knows="yes")

    def test_the_page_finds_every_learner_of_theirs(self, teacher, robin, school):
        make.learner(make.setting(), known_family="Elsewhere")
        page = browser(teacher).get("/classes/notice/").content.decode()
        assert str(robin.id) in page
        assert "Elsewhere" not in page
        found = browser(teacher).post("/classes/notice/", {"words": "zzz"}).content.decode()
        assert "No learner of yours fits that" in found

    def test_nothing_typed_is_lost(self, teacher, robin):
        sent = {"seen": "", "tried": "Sat her at the front"}
        page = browser(teacher).post(f"/classes/{robin.id}/notice/", sent).content.decode()
        assert "Enter what you see, in your own words." in page
        assert "Sat her at the front" in page

    def test_not_an_adult_who_may_not_know_where_the_child_is(self, parent, robin, senco):
        whereabouts.withhold_where(by=make.acting_as(senco), learner=robin, reason="Refuge")
        with pytest.raises(Refused, match="Say what you think"):
            noticing.notice(by=make.acting_as(parent), learner=robin, seen="x")
        page = browser(parent).get(f"/family/{robin.id}/").content.decode()
        assert "Say what you notice" not in page

    def test_where_no_setting_looks_they_say_what_they_think(self, parent, robin):
        with as_owner():
            robin.enrolments.update(ends_on=clock.today())
        with pytest.raises(InvalidTransition, match="Say what you think"):
            noticing.notice(by=make.acting_as(parent), learner=robin, seen="x")


class TestWhatComesOfIt:
    def test_support_in_class_with_a_day_to_look_again(self, noticed, senco, teacher, school):
        day = clock.today() + timedelta(days=20)
        by = make.acting_as(senco)
        noticing.support_in_class(
            by=by, noticing_id=noticed.id, support="One step at a time.", look_again_on=day
        )
        assert not reading.waiting(by, school.id).exists()
        assert told(teacher, "noticing answered")
        page = browser(teacher).get("/classes/noticed/").content.decode()
        assert "In class we now do this: One step at a time." in page
        move_clock(20)
        assert reading.waiting(make.acting_as(senco), school.id).get().id == noticed.id

    def test_support_in_class_can_go_on(self, noticed, senco):
        for days in (10, 20):
            noticing.support_in_class(
                by=make.acting_as(senco),
                noticing_id=noticed.id,
                support="One step at a time.",
                look_again_on=clock.today() + timedelta(days=days),
            )
        with as_owner():
            assert Noticing.objects.get().look_again_on == clock.today() + timedelta(days=20)

    def test_a_register_entry_that_begins_with_what_was_seen(self, noticed, senco, robin, school):
        page = browser(senco).get(f"/learners/{robin.id}/entry/").content.decode()
        assert WORDS in page
        review = put_on_register(
            by=make.acting_as(senco),
            learner=robin,
            setting=school,
            area="cognition-and-learning",
            level="mild",
            evidence=Evidence(WORDS, "class", clock.today(), "Tess Lane"),
        )
        with as_owner():
            found = Noticing.objects.get()
        assert (found.state, found.review_id) == ("entry", review.id)
        assert "is on the register" in found.answer

    def test_closed_with_a_reason_and_kind_words(self, noticed, senco, teacher):
        client = browser(senco)
        sent = {"reason": "", "answer": "", "close": "1"}
        page = client.post(f"/noticing/{noticed.id}/", sent).content.decode()
        assert "Enter an answer." in page
        sent |= {"reason": "Was tired in a week of rehearsals", "answer": "All is well again."}
        assert client.post(f"/noticing/{noticed.id}/", sent)["Location"] == "/noticing/"
        mine = browser(teacher).get("/classes/noticed/").content.decode()
        assert "Thank you for noticing. All is well again." in mine
        assert "rehearsals" not in mine

    def test_what_has_ended_stays_ended(self, noticed, senco):
        by = make.acting_as(senco)
        noticing.close(by=by, noticing_id=noticed.id, reason="Well", answer="All is well.")
        with pytest.raises(InvalidTransition, match="already"):
            noticing.close(by=by, noticing_id=noticed.id, reason="Well", answer="Well.")

    @pytest.mark.parametrize(("support", "days"), [("", 5), ("Steps", 0), ("Steps", None)])
    def test_support_says_what_and_until_when(self, noticed, senco, support, days):
        day = None if days is None else clock.today() + timedelta(days=days)
        with pytest.raises(Invalid, match="Nothing has changed"):
            noticing.support_in_class(
                by=make.acting_as(senco),
                noticing_id=noticed.id,
                support=support,
                look_again_on=day,
            )

    def test_the_most_urgent_is_first(self, senco, teacher, school):
        by = make.acting_as(teacher)
        made = [
            noticing.notice(by=by, learner=make.learner(school), seen=n, family_knows="yes")
            for n in ("late", "new", "old")
        ]
        by = make.acting_as(senco)
        noticing.support_in_class(
            by=by,
            noticing_id=made[0].id,
            support="Steps",
            look_again_on=clock.today() + timedelta(days=1),
        )
        move_clock(9)
        order = [n.seen for n in reading.waiting(make.acting_as(senco), school.id)]
        assert order[-1] == "late"
        assert set(order) == {"late", "new", "old"}


class TestWhoReads:
    def people(self, school, noticed) -> dict[str, User]:
        area = school.local_area
        return {
            "another teacher": make.staff("teacher", school, whole_setting=True),
            "head": make.staff("head", school),
            "officer": make.staff("officer", area),
            "area SENCO": make.staff("area-senco", area),
            "SENCO elsewhere": make.staff("senco", make.setting(area)),
            "administrator": make.staff("administrator"),
        }

    def test_the_setting_s_senco_and_whoever_noticed_and_nobody_else(
        self, noticed, school, senco, teacher, parent
    ):
        for person in (senco, teacher):
            make.acting_as(person)
            assert Noticing.objects.get().seen == WORDS
        for who, person in {**self.people(school, noticed), "parent": parent}.items():
            make.acting_as(person)
            assert not Noticing.objects.exists(), who
            assert browser(person).get(f"/noticing/{noticed.id}/").status_code == 404, who

    def test_no_family_page_shows_a_teacher_s_worry(self, noticed, parent, robin):
        for page in ("", "looked/", "say/", "notice/"):
            shown = browser(parent).get(f"/family/{robin.id}/{page}").content.decode()
            assert WORDS not in shown

    def test_nor_one_parent_s_to_the_other(self, robin, parent):
        other = make.parent(robin)
        noticing.notice(by=make.acting_as(parent), learner=robin, seen=WORDS)
        assert WORDS in browser(parent).get(f"/family/{robin.id}/").content.decode()
        assert WORDS not in browser(other).get(f"/family/{robin.id}/").content.decode()

    def test_an_area_that_holds_the_record_is_shown_none(self, noticed, school, robin):
        officer = make.staff("officer", school.local_area)
        with rls.acting(grants.worker(school.local_area_id)):
            assert not Noticing.objects.exists()
        make.acting_as(officer)
        assert not Noticing.objects.exists()

    def test_a_copy_of_everything_has_it(self, noticed, school, senco, robin):
        with as_owner():
            export = Export.objects.create(
                learner=robin, holder_id=school.id, asked_by=senco, asked_at=clock.now()
            )
        with rls.acting(grants.worker(school.id)) as by:
            copied = zipfile.ZipFile(io.BytesIO(bundle.make(by, export))).read("record.json")
        rows = json.loads(copied)["sections"]["reviews.Noticing"]["rows"]
        assert [row["seen"] for row in rows] == [WORDS]

    @pytest.mark.parametrize("change", [{"seen": "x"}, {"author_name": "x"}, {"tried": "x"}])
    def test_nobody_rewrites_it(self, noticed, senco, change):
        make.acting_as(senco)
        with pytest.raises(DatabaseError, match="as they said it"), transaction.atomic():
            Noticing.objects.update(**change)

    def test_whoever_noticed_settles_nothing(self, noticed, teacher):
        make.acting_as(teacher)
        assert Noticing.objects.update(state="closed", reason="x") == 0


def test_of_a_child_who_has_died_nothing_waits(noticed, senco, teacher, robin, school):
    by = make.acting_as(senco)
    death.note_death(by=by, learner_id=robin.id, died_on=clock.today(), told_by="Her aunt")
    assert not reading.waiting(make.acting_as(senco), school.id).exists()
    with pytest.raises(InvalidTransition, match="closed"):
        noticing.notice(by=make.acting_as(teacher), learner=robin, seen="x", family_knows="yes")


class TestWhenTheLearnerMovesOn:
    """Nothing hangs at a setting that sees the learner no more."""

    @pytest.fixture
    def waiting(self, senco, school, robin, teacher, parent) -> list[Noticing]:
        """On the register already, and noticed anew by both: one new, one with class support."""
        put_on_register(
            by=make.acting_as(senco),
            learner=robin,
            setting=school,
            area="cognition-and-learning",
            level="mild",
            evidence=Evidence(WORDS, "class", clock.today(), "Tess Lane"),
        )
        seen = noticing.notice(
            by=make.acting_as(teacher), learner=robin, seen=WORDS, family_knows="yes"
        )
        at_home = noticing.notice(by=make.acting_as(parent), learner=robin, seen="Sleeps badly")
        noticing.support_in_class(
            by=make.acting_as(senco),
            noticing_id=seen.id,
            support="A quiet start",
            look_again_on=clock.today() + timedelta(days=9),
        )
        return [seen, at_home]

    def ended(self) -> set[tuple[str, str]]:
        with as_owner():
            return set(Noticing.objects.values_list("state", "reason"))

    def test_to_no_setting(self, waiting, senco, school, robin, parent):
        places.leave_without_place(
            by=make.acting_as(senco), learner=robin, local_area=school.local_area, why="home"
        )
        assert self.ended() == {("closed", "Moved on.")}
        assert len(told(parent, "noticing answered")) == 1
        page = browser(parent).get(f"/family/{robin.id}/").content.decode()
        assert "has moved on, so nothing more comes of it here" in page

    def test_to_another_setting(self, waiting, senco, school, robin, teacher):
        new = make.setting()
        with rls.acting(grants.worker(school.id, new.id)) as worker:
            pass_record(by=worker, learner=robin, to=new, on=clock.today(), year_group=5)
            places.refresh_register(by=worker, learner=robin)
            places.lapse_open(by=worker, learner=robin)
        assert self.ended() == {("closed", "Moved on.")}

    def test_what_had_come_to_an_end_stays_as_it_was(self, waiting, senco, school, robin):
        noticing.close(
            by=make.acting_as(senco), noticing_id=waiting[0].id, reason="Fine now", answer="Well."
        )
        places.leave_without_place(
            by=make.acting_as(senco), learner=robin, local_area=school.local_area, why="home"
        )
        assert self.ended() == {("closed", "Fine now"), ("closed", "Moved on.")}
