"""The rules that always hold, attacked with raw SQL as the application's own role."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from apps.access import rls
from apps.common import clock
from apps.framework import selectors as framework
from apps.learners.models import Enrolment, Learner, RecordHolder
from apps.reviews.actions import drafting, signoff
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.models import Review, Statement
from tests import factories as make
from tests.support.database import as_owner

pytestmark = pytest.mark.django_db


def run(sql: str, *values: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount


def listed():
    """A school, its SENCO, and a learner on the register."""
    school = make.setting()
    senco = make.staff("senco", school)
    robin = make.learner(school)
    by = make.acting_as(senco)
    review = put_on_register(
        by=by,
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
    )
    return school, senco, robin, review


def refused(sql: str, *values: object) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        run(sql, *values)
        run("SET CONSTRAINTS ALL IMMEDIATE")


def test_rule_1_two_main_enrolments_on_a_day_are_refused() -> None:
    school, _, robin, _ = listed()
    refused(
        "INSERT INTO learners_enrolment (learner_id, setting_id, kind, year_group, class_name,"
        " starts_on, leaving_reason) VALUES (%s, %s, 'main', 4, '', %s, '')",
        robin.id,
        make.setting().id,
        clock.today(),
    )
    assert Enrolment.objects.filter(learner=robin).count() == 1


def test_rule_1_a_second_holder_and_a_gap_between_holders_are_refused() -> None:
    school, _, robin, _ = listed()
    other = make.setting()
    refused(
        "INSERT INTO learners_recordholder (learner_id, setting_id, reason, starts_on)"
        " VALUES (%s, %s, 'move', %s)",
        robin.id,
        other.id,
        clock.today(),
    )
    with pytest.raises(IntegrityError), as_owner(), transaction.atomic():
        start = clock.today()
        run("UPDATE learners_recordholder SET ends_on = %s", start + timedelta(days=10))
        RecordHolder.objects.create(
            learner=robin, setting=other, reason="move", starts_on=start + timedelta(days=12)
        )
        run("SET CONSTRAINTS ALL IMMEDIATE")


def test_rule_2_a_second_record_and_a_second_open_review_are_refused() -> None:
    _, _, robin, review = listed()
    refused(
        "INSERT INTO reviews_learnerrecord (learner_id, started_on, last_number)"
        " VALUES (%s, %s, 0)",
        robin.id,
        clock.today(),
    )
    refused("UPDATE reviews_review SET state = 'open', number = NULL WHERE id = %s", review.id)
    assert Review.objects.filter(state="open").count() == 1


def test_rule_3_an_entry_without_a_reason_is_refused() -> None:
    listed()
    refused("UPDATE register_registerentry SET highest_rank = 0, has_plan = false")


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE reviews_review SET canonical = '{}' WHERE number = 1",
        "UPDATE reviews_review SET sha256 = repeat('0', 64) WHERE number = 1",
        "DELETE FROM reviews_review WHERE number = 1",
        "UPDATE reviews_statement SET text = 'something else'",
        "UPDATE reviews_statement SET details = '{}'",
        "DELETE FROM reviews_statement",
        "TRUNCATE reviews_statement CASCADE",
        "ALTER TABLE reviews_review DISABLE TRIGGER ALL",
        "DROP TRIGGER reviews_review_frozen ON reviews_review",
    ],
)
def test_rule_4_what_was_signed_off_cannot_be_rewritten(sql: str) -> None:
    _, _, _, review = listed()
    before = Review.objects.get(pk=review.id).canonical
    try:
        with transaction.atomic():
            assert run(sql) == 0
    except DatabaseError as error:
        assert str(error)
    assert Review.objects.get(pk=review.id).canonical == before
    assert Statement.objects.count() == 1


def test_rule_6_a_stranger_finds_no_row_and_can_give_herself_none() -> None:
    school, _, robin, review = listed()
    stranger = make.staff("senco", make.setting(school.local_area))
    by = make.acting_as(stranger)
    for table in (
        "learners_learner",
        "learners_enrolment",
        "learners_recordholder",
        "learners_learneraccess",
        "register_registerentry",
        "reviews_review",
        "reviews_statement",
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table
    refused(
        "INSERT INTO learners_learneraccess (learner_id, grantee_kind, grantee_id, access_right,"
        " reason, starts_on) VALUES (%s, 'setting', %s, 'hold', 'mine', %s)",
        robin.id,
        by.organisation_id,
        clock.today(),
    )
    assert run("UPDATE learners_learner SET known_given = 'Changed'") == 0
    assert review.id


def test_rule_6_nobody_without_a_context_sees_anything() -> None:
    listed()
    rls.clear_context()
    assert not Learner.objects.exists()
    assert not Review.objects.exists()


@pytest.mark.parametrize("upn", ["A801200005001", "B207000016049", "X80120000A001", "B80120000500"])
def test_rule_7_a_upn_with_a_wrong_check_letter_is_refused(upn: str) -> None:
    _, _, robin, _ = listed()
    refused("UPDATE learners_learner SET upn = %s WHERE id = %s", upn, robin.id)


@pytest.mark.parametrize(
    "upn", ["B801200005001", "P207000016049", "U838123422001", "F20136142500A", "G84030992511B"]
)
def test_rule_7_a_well_formed_upn_is_taken_once(upn: str) -> None:
    school, senco, robin, _ = listed()
    assert run("UPDATE learners_learner SET upn = %s WHERE id = %s", upn, robin.id) == 1
    twin = make.learner(school)
    make.acting_as(senco)
    refused("UPDATE learners_learner SET upn = %s WHERE id = %s", upn, twin.id)
    refused(
        "INSERT INTO learners_formeridentifier (learner_id, kind, value, ended_on)"
        " VALUES (%s, 'upn', %s, %s)",
        twin.id,
        upn,
        clock.today(),
    )


@pytest.mark.parametrize("table", ["audit_event", "audit_accessentry"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET at = now()", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_audit_trail_is_added_to_and_never_changed(table: str, verb: str) -> None:
    listed()
    refused(verb.format(table))


def test_rule_3_somebody_who_came_off_the_register_can_be_put_on_it_again() -> None:
    school, senco, robin, _ = listed()
    by = make.acting_as(senco)
    review = Review.objects.get(learner=robin, state="open")
    for area in framework.published().areas:
        drafting.save_change(
            by=by,
            review_id=review.id,
            version=None,
            change="add",
            values={
                "kind": "need",
                "area": area.code,
                "level": "universal",
                "text": "As everyone.",
            },
        )
    signoff.sign_off(by=by, review_id=review.id, version=None, conversation_on=clock.today())
    assert not robin.entries.filter(ends_on=None).exists()
    put_on_register(
        by=by,
        learner=robin,
        setting=school,
        area="communication-and-interaction",
        level="mild",
        evidence=Evidence("Watches others again", "class", clock.today(), "Mr Ray"),
    )
    needs = Statement.objects.filter(
        learner=robin, withdrawn_no=None, area__code="communication-and-interaction"
    )
    assert [need.level.code for need in needs if need.level] == ["mild"]
