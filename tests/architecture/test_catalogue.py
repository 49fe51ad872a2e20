"""The database's catalogue, as the migrations left it: the second wall has no gap (goal R13)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from tests.support.database import as_owner

pytestmark = pytest.mark.django_db

ROLES = settings.DATABASE_ROLES

# Rows of one learner or one setting without a `learner_id` of their own; protected all the same.
ALSO_PROTECTED = {"learners_learner", "imports_import", "imports_importrow"}

# Found by the digest of its code before anyone is signed in, when there is no context to compare.
UNPROTECTED = {"access_invitation"}

# Reviewed one by one: what runs with its owner's rights, and why it has to.
DEFINERS = {
    "audit_add_months": "makes partitions of tables that belong to the audit role",
    "audit_append_checkpoint": "the only way into a table that the app cannot write",
    "audit_keep_change": "writes to the log whatever the rights of whoever changed a row",
    "audit_queue": "writes to a queue that the app cannot see",
    "audit_seal_waiting": "the only way into a table that the app cannot write",
    "audit_append_access": "the only way into a table that the app cannot write",
    "audit_append_event": "the only way into a table that the app cannot write",
    "documents_of_a_review": "asks for a review, whoever may see that",
    "documents_tell_holder": "tells a holder whom somebody of the family may not know",
    "imports_kept_by": "answers the worker alone",
    "learners_access_held": "asks learner access from within its own policy",
    "learners_access_is_new": "asks learner access from within its own policy",
    "learners_ask_again": "a new place takes back what was accepted, whoever made it",
    "learners_keeper": "finds who keeps a record that was passed on; answers the worker alone",
    "learners_no_gap_in_holders": "counts holders whom the context may not see",
    "learners_one_upn_one_learner": "finds a number of a learner whom the context may not see",
    "learners_open_in_emergency": "finds a learner for a role that reaches none",
    "learners_readings": "gives a family what it may know of a log it cannot read",
    "learners_with_upn": "answers the worker alone",
    "lives_closed_is_true": "compares a learner with their closure, whoever may see either",
    "lives_earlier": "reads a joined record for whoever reads the one that goes on",
    "lives_give_back": "gives back rights that nobody has any more; answers the worker alone",
    "lives_has_link": "asks a table that only the audit's role reads; for the owner's functions",
    "lives_joined_into": "says where a record went to whoever reads the one that goes on",
    "lives_keep_link": "the only way into a table that only the audit's role reads",
    "lives_quiet": "puts away what others were told, for whoever keeps the record",
    "lives_refuse_closed": "asks whether a record is closed, whoever may see that",
    "lives_seal": "takes a record from everyone who has it; asks for two people itself",
    "lives_stays_sealed": "asks whether a record is sealed, which nobody may see",
    "lives_unquiet": "brings back what others were told, for whoever keeps the record",
    "notifications_take_back": "removes what somebody else was told, for whoever keeps the record",
    "partnerships_registers": "counts an area for its officers, who may open every learner counted",
    "partnerships_figures": "counts learners whom the context may not see, and hides small numbers",
    "post_undelivered": "tells of a family whom no message reaches, for whoever keeps the record",
    "reviews_ask_by_link": "finds whose record a link is about; answers the worker alone",
    "reviews_hand_in": "brings what an adult said to a holder whom they may not know",
    "reviews_naming_places": "finds words that give a place away, for who works with the learner",
    "reviews_reviewed_on": "tells an adult when, who may not know where",
    "reviews_without_places": "gives an adult the statements that give no place away",
    "reviews_register_is_true": "compares rows of every setting that the learner attends",
    "audit_empty": "empties rows of logs that nobody may change, for a disposal alone",
    "audit_hide": "hides rows of a log that the app cannot change, for a redaction alone",
    "rights_stands_earlier": "finds words in joined records, read only through another",
    "rights_unsettled": "answers what a joined record's own staff may not read of the other",
    "rights_dispose": "deletes rows of every table, once two people have decided it",
    "rights_find_due": "finds learners for the worker, which reaches none",
    "rights_forget_accounts": "asks for roles and children of everyone; answers the worker alone",
    "rights_forget_work": "deletes others' messages when their time is over; the worker's alone",
    "rights_redact": "changes what is frozen, once two people have decided it",
    "rights_follow_holder": "decisions follow the record, whoever may see them",
    "rights_to_successor": "passes on what takes two people of a setting; the worker's alone",
    "rights_two_people": "asks for the role of whoever decides, whoever may see that",
    "transitions_documents_handed_over": "marks documents that are not the worker's to change",
    "transitions_follow_holder": "moves of a learner follow the record, whoever may see them",
    "transitions_state_is_true": "asks who holds the record, whoever may see that",
    "transitions_will_pass": "asks for the work of a move, whoever may see that",
    "transitions_told": "tells a family that something was sent, and not what",
    "transitions_to_successor": "passes on what a setting may only read; answers the worker alone",
    "transitions_package_is_new": "compares a package with the one before, whoever may see that",
    "transitions_queue_change": "writes the row of work that a slip or a document causes",
    "transitions_queue_supplementary": "writes the row of work that a sign-off causes",
}


# The app may change these rows, and they keep no history: why not.
WITHOUT_HISTORY = {
    "account_emailaddress": "sign-in",
    "account_emailconfirmation": "sign-in",
    "accounts_knowndevice": "sign-in",
    "accounts_unsentform": "keystrokes",
    "auth_group": "Django's, unused",
    "auth_group_permissions": "Django's, unused",
    "auth_permission": "Django's, unused",
    "common_clockshift": "the demo's clock",
    "django_content_type": "Django's",
    "django_migrations": "Django's",
    "django_session": "sign-in",
    "imports_import": "work that is kept thirty days",
    "imports_importrow": "work that is kept thirty days",
    "jobs_job": "work that is kept thirty days",
    "register_savedview": "a person's own way of looking",
    "mfa_authenticator": "secrets",
    "notifications_notification": "read or not",
    "oauth2_provider_accesstoken": "secrets",
    "oauth2_provider_application": "secrets",
    "oauth2_provider_devicegrant": "secrets",
    "oauth2_provider_grant": "secrets",
    "oauth2_provider_idtoken": "secrets",
    "oauth2_provider_refreshtoken": "secrets",
    "post_message": "work, tried again",
    "reviews_draftchange": "keystrokes; what is signed has history",
    "socialaccount_socialtoken": "the library's; the app can add none",
    "transitions_delivery": "work, tried again",
    "usersessions_usersession": "sign-in",
}


def rows(sql: str, *values: object) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def names(sql: str, *values: object) -> set[str]:
    return {row[0] for row in rows(sql, *values)}


def test_every_table_of_a_learner_has_row_level_security_for_its_owner_too() -> None:
    of_a_learner = names(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND column_name IN ('learner_id', 'learner_ids')"
    )
    protected = names(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relrowsecurity AND relforcerowsecurity"
    )
    assert len(of_a_learner) > 20
    assert (of_a_learner | ALSO_PROTECTED) - protected == UNPROTECTED


def test_no_protected_table_is_open_to_the_app_without_a_condition() -> None:
    open_to_all = rows(
        "SELECT tablename, policyname FROM pg_policies WHERE %s = ANY (roles)"
        " AND (qual = 'true' OR cmd IN ('ALL', 'SELECT', 'DELETE') AND qual IS NULL)",
        ROLES["app"],
    )
    for_anyone = rows("SELECT tablename, policyname FROM pg_policies WHERE 'public' = ANY (roles)")
    assert [*open_to_all, *for_anyone] == []


def test_the_app_is_no_superuser_bypasses_nothing_and_owns_nothing() -> None:
    powers = "rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication"
    assert rows(f"SELECT {powers} FROM pg_roles WHERE rolname = %s", ROLES["app"]) == [(False,) * 5]
    assert rows("SELECT relname FROM pg_class WHERE relowner = %s::regrole", ROLES["app"]) == []
    assert rows("SELECT proname FROM pg_proc WHERE proowner = %s::regrole", ROLES["app"]) == []
    assert rows("SELECT 1 FROM pg_auth_members WHERE member = %s::regrole", ROLES["app"]) == []


def test_the_owner_is_no_superuser_either_and_obeys_policies() -> None:
    owner_and_audit = [ROLES["owner"], ROLES["audit"]]
    found = rows(
        "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = ANY (%s)", owner_and_audit
    )
    assert found == [(False, False)] * 2


def test_functions_with_their_owners_rights_are_the_reviewed_ones_with_a_fixed_path() -> None:
    found = dict(
        rows(
            "SELECT proname, proconfig FROM pg_proc"
            " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
    )
    assert set(found) == set(DEFINERS)
    assert {
        name for name, path in found.items() if path[0] != "search_path=public, pg_temp"
    } == set()


def test_only_the_app_may_add_to_the_audit_trail() -> None:
    public = rows(
        "SELECT proname FROM pg_proc WHERE proname LIKE 'audit_append_%%'"
        " AND has_function_privilege('public', oid, 'EXECUTE')"
    )
    assert public == []


def test_a_view_asks_with_the_rights_of_whoever_looks() -> None:
    views = rows(
        "SELECT relname, reloptions FROM pg_class"
        " WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace"
    )
    assert [name for name, options in views if "security_invoker=true" not in (options or [])] == []


def test_a_policy_never_casts_a_setting_that_may_be_empty() -> None:
    """After a commit a setting reads '' and not NULL: `''::uuid` is an error, `''::date` too."""
    setting = r"current_setting\('lr\.\w+'::text, true\)"
    as_text = rf"= {setting}|\({setting} = '"  # '' equals no role, no person
    for table, name, *conditions in rows(
        "SELECT tablename, policyname, coalesce(qual, ''), coalesce(with_check, '')"
        " FROM pg_policies"
    ):
        for condition in conditions:
            rest = re.sub(rf"NULLIF\({setting}, ''::text\)", "", condition)
            rest = re.sub(as_text, "", rest)
            assert "current_setting" not in rest, f"{name} on {table}: {condition}"


def test_every_table_that_the_app_may_change_keeps_what_its_rows_were() -> None:
    changeable = names(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p') AND (has_table_privilege(%s, oid, 'UPDATE')"
        " OR has_table_privilege(%s, oid, 'DELETE'))",
        ROLES["app"],
        ROLES["app"],
    )
    with_history = names(
        "SELECT tgrelid::regclass::text FROM pg_trigger JOIN pg_proc p ON p.oid = tgfoid"
        " WHERE p.proname = 'audit_keep_change'"
    )
    assert changeable - with_history == set(WITHOUT_HISTORY)


@pytest.mark.parametrize("table", ["audit_event", "audit_accessentry"])
@pytest.mark.parametrize("change", ["UPDATE {} SET action = ''", "DELETE FROM {}", "TRUNCATE {}"])
@pytest.mark.parametrize("who", ["app", "owner"])
def test_the_audit_trail_is_added_to_and_never_changed(table: str, change: str, who: str) -> None:
    if table == "audit_accessentry":
        change = change.replace("action", "what")
    with (
        pytest.raises(DatabaseError, match=r"permission denied|never changed"),
        transaction.atomic(),
    ):
        if who == "owner":
            with as_owner():
                rows(change.format(table))
        else:
            rows(change.format(table))
