"""Pupil lists: staged, looked at, then added by the worker; the same file twice changes nothing."""

from __future__ import annotations

from datetime import date

import pytest

from apps.access import grants, rls
from apps.common import clock
from apps.common.models import ClockShift
from apps.formats import pupils
from apps.imports.actions import checking, committing, staging
from apps.imports.matching import FIELDS
from apps.imports.models import IdentifierCheck, Import
from apps.learners.actions import pass_record
from apps.learners.models import (
    CensusCode,
    Enrolment,
    FormerIdentifier,
    Learner,
    LearnerAccess,
)
from apps.notifications.models import Notification
from apps.register.models import RegisterEntry
from apps.reviews.actions.places import lapse_open, refresh_register
from tests import factories as make
from tests.support.database import as_owner
from tests.support.lives import UPN, join, listed, put_on

pytestmark = pytest.mark.django_db

LIST = (
    b"UPN,Forename,Surname,DOB,Year,Form,SEN status,SEN need\r\n"
    b"B801200005001,Robin,Exampleson,14/03/2016,5,5M,K,SLCN\r\n"
    b",Wren,Exampleson,01/09/2016,5,5M,,\r\n"
)
BAD = b"UPN,Forename,Surname,DOB,Year\r\nB801200005002,Robin,Exampleson,14/03/2016,5\r\n"


def bring(senco, school, data: bytes = LIST) -> Import:
    batch = staging.stage(by=make.acting_as(senco), setting=school, file_name="list.csv", data=data)
    if batch.state == Import.State.STAGED:
        staging.commit(by=make.acting_as(senco), import_id=batch.id)
        rls.clear_context()
        committing.work(batch.id)
    make.acting_as(senco)
    batch.refresh_from_db()
    return batch


@pytest.fixture
def school():
    return make.setting()


@pytest.fixture
def senco(school):
    return make.staff("senco", school)


def next_working_day() -> None:
    with as_owner():
        ClockShift.objects.update_or_create(id=True, defaults={"days": 5})
    rls.clear_context()
    checking.settle_due()
    clock.set_shift(0)


def look_today() -> None:
    with as_owner():
        IdentifierCheck.objects.update(show_from=clock.today())
    rls.clear_context()
    checking.settle_due()


def test_a_list_is_added_and_puts_nobody_on_the_register(school, senco) -> None:
    batch = bring(senco, school)
    assert (batch.state, batch.done) == ("committed", 2)
    assert Enrolment.objects.filter(setting=school, class_name="5M").count() == 2
    assert CensusCode.objects.get().code == "K"
    assert not RegisterEntry.objects.exists()


def test_the_same_file_twice_changes_nothing(school, senco) -> None:
    bring(senco, school)
    before = list(Learner.objects.order_by("id").values())
    again = bring(senco, school)
    assert set(again.rows.values_list("outcome", flat=True)) == {"same"}
    assert list(Learner.objects.order_by("id").values()) == before
    assert IdentifierCheck.objects.count() == 1


def test_a_change_is_shown_before_it_is_made(school, senco) -> None:
    bring(senco, school)
    batch = staging.stage(
        by=make.acting_as(senco),
        setting=school,
        file_name="list.csv",
        data=LIST.replace(b"5M", b"5T").replace(b"Wren", b"Wren"),
    )
    assert batch.rows.get(number=3).changes == ["class: 5M becomes 5T"]


def test_a_row_with_a_problem_stays_out_and_says_why(school, senco) -> None:
    batch = bring(senco, school, BAD)
    assert not Learner.objects.exists()
    assert "call for B" not in batch.rows.get().problems[0]["message"]
    assert batch.rows.get().outcome == "problem"


def test_work_that_stops_again_and_again_ends_and_says_what_to_do(school, senco) -> None:
    by = make.acting_as(senco)
    batch = staging.stage(by=by, setting=school, file_name="list.csv", data=LIST)
    staging.commit(by=by, import_id=batch.id)
    batch.rows.filter(number=3).update(values={})
    for _ in range(committing.MOST_ATTEMPTS):
        with pytest.raises(KeyError):
            committing.work(batch.id)
    committing.work(batch.id)
    make.acting_as(senco)
    batch.refresh_from_db()
    assert (batch.state, batch.done) == ("committed", 0)
    said = {row.problems[0]["message"] for row in batch.rows.all()}
    assert said == {committing.GAVE_UP}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"UPN,Forename\r\n", b"\x00\x01"])
def test_a_broken_file_adds_nothing_and_says_why(school, senco, data: bytes) -> None:
    batch = bring(senco, school, data)
    assert batch.state == "broken" and batch.problem
    assert not batch.rows.exists()


def test_a_new_number_is_the_learners_from_the_next_working_day(school, senco) -> None:
    bring(senco, school)
    assert Learner.objects.get(known_given="Robin").upn is None
    next_working_day()
    make.acting_as(senco)
    robin = Learner.objects.get(known_given="Robin")
    assert (robin.upn, robin.identifier_being_checked) == ("B801200005001", False)


@pytest.mark.parametrize(
    ("born", "state"), [("2016-03-14", "move proposed"), ("2016-03-15", "with area")]
)
def test_a_number_that_anothers_learner_holds_tells_the_importer_nothing(
    school, senco, born: str, state: str
) -> None:
    other = make.setting()
    birthday = date.fromisoformat(born)
    theirs = make.learner(other, upn=UPN, date_of_birth=birthday, known_given="Jay")
    batch = bring(senco, school)
    assert batch.rows.get(number=2).outcome == "add"
    assert Learner.objects.filter(known_given="Robin").count() == 1
    next_working_day()
    make.acting_as(senco)
    assert IdentifierCheck.objects.get().state == state
    assert Learner.objects.get(known_given="Robin").upn is None
    with as_owner():
        told = Notification.objects.get()
    assert told.recipient_id == (other.id if state == "move proposed" else school.local_area_id)
    if state == "move proposed":
        assert (told.learner_id, told.link) == (theirs.id, f"/learners/{theirs.id}/move/")
        assert str(theirs) in told.text and "Robin" not in told.text
    else:
        assert told.learner_id is None


@pytest.mark.parametrize("goes_on", ["theirs", "ours"])
def test_a_case_ends_once_the_two_records_are_one(school, senco, goes_on: str) -> None:
    other = make.setting(school.local_area)
    born = date(2016, 3, 14)
    theirs = listed(other, make.staff("senco", other), upn=UPN, date_of_birth=born)
    bring(senco, school)
    ours = put_on(Learner.objects.get(known_given="Robin"), school, senco)
    look_today()
    with as_owner():
        assert IdentifierCheck.objects.get().state == "move proposed"
    kept, joined = (theirs, ours) if goes_on == "theirs" else (ours, theirs)
    join(make.staff("officer", school.local_area), kept, joined)
    look_today()
    with as_owner():
        kept.refresh_from_db()
        assert (kept.upn, kept.identifier_being_checked) == ("B801200005001", False)
        assert IdentifierCheck.objects.get().state == "clear"
        assert Notification.objects.filter(kind="move proposed").count() == 1


@pytest.mark.parametrize("known", [False, True])
def test_a_number_that_another_learner_has_stops_no_import_and_tells_nobody(
    school, senco, known: bool
) -> None:
    make.learner(make.setting(), uln="1234567899")
    lines = LIST.replace(b"SEN need\r\n", b"SEN need,ULN\r\n").replace(b"SLCN", b"SLCN,1234567899")
    if known:
        bring(senco, school)
    batch = bring(senco, school, lines)
    assert (batch.state, batch.done) == ("committed", 2)
    assert [r.problems for r in batch.rows.order_by("number")] == [[], []]
    assert Learner.objects.get(known_given="Robin", known_family="Exampleson").uln is None


@pytest.mark.parametrize("taken", [False, True])
def test_whether_a_uln_is_taken_shows_the_next_working_day_and_not_before(
    school, senco, taken: bool
) -> None:
    if taken:
        make.learner(make.setting(), uln="1234567899")
    lines = LIST.replace(b"SEN need\r\n", b"SEN need,ULN\r\n").replace(b"SLCN", b"SLCN,1234567899")
    first, again = bring(senco, school, lines), bring(senco, school, lines)
    said = [row.changes for row in first.rows.order_by("number")]
    assert "1234567899: number being checked" in said[0]
    assert [row.changes for row in again.rows.order_by("number")] == [[], []]
    with as_owner():
        robin = Learner.objects.get(known_given="Robin", known_family="Exampleson")
        assert (robin.uln, robin.identifier_being_checked) == (None, True)
    look_today()
    with as_owner():
        robin.refresh_from_db()
        assert (robin.uln, robin.identifier_being_checked) == (
            None if taken else "1234567899",
            False,
        )


class TestAWaitingNumber:
    """Follows its learner, and keeps nobody else's waiting."""

    @pytest.fixture
    def robin(self, school, senco) -> Learner:
        bring(senco, school)
        return Learner.objects.get(known_given="Robin")

    def test_goes_to_the_record_that_goes_on_where_two_were_joined(self, school, senco, robin):
        kept = make.learner(school, known_family="Exampleson")
        join(senco, kept, robin)
        next_working_day()
        with as_owner():
            kept.refresh_from_db()
            assert kept.upn == "B801200005001"
            assert IdentifierCheck.objects.get().state == "clear"

    @pytest.mark.parametrize(
        ("own", "upn", "former"),
        [
            ("P207000016049", "P207000016049", "B801200005001"),
            ("F20136142500A", "B801200005001", "F20136142500A"),
        ],
    )
    def test_is_a_former_one_of_a_record_with_its_own_unless_that_was_temporary(
        self, school, senco, robin, own: str, upn: str, former: str
    ):
        kept = make.learner(school, known_family="Exampleson", upn=own)
        join(senco, kept, robin)
        next_working_day()
        with as_owner():
            kept.refresh_from_db()
            assert (kept.upn, kept.former_identifiers.get().value) == (upn, former)

    def test_is_no_question_where_both_joined_records_say_the_same(self, school, senco, robin):
        kept = make.learner(school, known_family="Exampleson", upn="B801200005001")
        join(senco, kept, robin)
        next_working_day()
        with as_owner():
            assert IdentifierCheck.objects.get().state == "clear"
            assert not FormerIdentifier.objects.exists()

    def test_goes_with_the_record_to_another_setting(self, school, senco, robin):
        put_on(robin, school, senco)
        other = make.setting()
        with rls.acting(grants.worker(school.id, other.id)) as worker:
            pass_record(by=worker, learner=robin, to=other, on=clock.today(), year_group=5)
            refresh_register(by=worker, learner=robin)
            lapse_open(by=worker, learner=robin)
        next_working_day()
        with as_owner():
            robin.refresh_from_db()
            assert (robin.upn, robin.identifier_being_checked) == ("B801200005001", False)

    def test_of_a_learner_whom_nobody_keeps_any_more_is_settled_too(self, school, robin):
        with as_owner():
            Enrolment.objects.filter(learner=robin).delete()
            LearnerAccess.objects.filter(learner=robin).update(ends_on=clock.today())
        next_working_day()
        with as_owner():
            assert IdentifierCheck.objects.get().state == "gone"

    def test_that_cannot_be_settled_leaves_the_next_to_be(self, school, senco, robin, caplog):
        with as_owner():
            LearnerAccess.objects.filter(learner=robin).update(ends_on=clock.today())
        wren = make.learner(school, known_given="Wren", identifier_being_checked=True)
        with as_owner():
            IdentifierCheck.objects.create(
                setting=school,
                learner=wren,
                upn="P207000016049",
                show_from=IdentifierCheck.objects.get().show_from,
                opened_at=clock.now(),
            )
        next_working_day()
        with as_owner():
            wren.refresh_from_db()
            assert (wren.upn, wren.identifier_being_checked) == ("P207000016049", False)
            assert IdentifierCheck.objects.get(learner=robin).state == "waiting"
        assert caplog.records[0].exc_info


def test_a_file_is_held_to_the_lengths_that_a_learner_has() -> None:
    for column, most in pupils.NAMES.items():
        assert Learner._meta.get_field(FIELDS[column]).max_length == most
    assert Learner._meta.get_field("first_language").max_length == pupils.LANGUAGE


def test_words_for_an_ethnicity_stop_no_import(school, senco) -> None:
    lines = b"Forename,Surname,DOB,Year,Ethnicity\r\nRobin,E,14/03/2016,5,White British\r\n"
    assert bring(senco, school, lines).state == "committed"
    assert Learner.objects.get().ethnicity == ""


KNOWN_AS = (
    b"UPN,Forename,Surname,Known as,DOB,Year\r\n"
    b"B801200005001,Robert,Exampleson,Bobby,14/03/2016,5\r\n"
    b",Wren,Exampleson,,01/09/2016,5\r\n"
)
LEGAL_ALONE = (
    b"UPN,Forename,Surname,DOB,Year\r\n"
    b"B801200005001,Robert,Exampleson-Aske,14/03/2016,5\r\n"
    b",Wren,Exampleson,01/09/2016,5\r\n"
)


class TestTheKnownAsName:
    def test_is_the_legal_one_only_where_a_new_learner_has_none(self, school, senco) -> None:
        bring(senco, school, KNOWN_AS)
        assert set(Learner.objects.values_list("known_given", "known_family")) == {
            ("Bobby", "Exampleson"),
            ("Wren", "Exampleson"),
        }

    def test_stays_when_a_later_list_does_not_say_it(self, school, senco) -> None:
        bring(senco, school, KNOWN_AS)
        next_working_day()
        batch = bring(senco, school, LEGAL_ALONE)
        bobby = Learner.objects.get(legal_given="Robert")
        assert batch.rows.get(number=2).changes == [
            "legal family: Exampleson becomes Exampleson-Aske"
        ]
        assert (str(bobby), bobby.legal_family) == ("Bobby Exampleson", "Exampleson-Aske")

    def test_makes_no_second_learner_of_a_list_that_has_the_legal_one_and_no_number(
        self, school, senco
    ) -> None:
        bring(senco, school, KNOWN_AS)
        batch = bring(senco, school, KNOWN_AS.replace(b"B801200005001", b"").replace(b"Bobby", b""))
        assert set(batch.rows.values_list("outcome", flat=True)) == {"same"}
        assert Learner.objects.count() == 2

    def test_is_no_sign_of_another_child_where_the_birth_date_is_put_right(
        self, school, senco
    ) -> None:
        bring(senco, school, KNOWN_AS)
        next_working_day()
        lines = KNOWN_AS.replace(b"14/03", b"15/03").replace(b"Bobby", b"")
        assert bring(senco, school, lines).rows.get(number=2).outcome == "update"
