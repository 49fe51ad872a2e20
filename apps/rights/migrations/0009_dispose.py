"""What is due, and the one way in which a record is deleted: once two people have decided it."""

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

# Where a learner is now: such a record is never due.
STAYS = """(
        EXISTS (SELECT FROM learners_enrolment e WHERE e.learner_id = {learner}
                AND (e.ends_on IS NULL OR e.ends_on > {day}))
        OR EXISTS (SELECT FROM register_registerentry r
                   WHERE r.learner_id = {learner} AND r.ends_on IS NULL)
        OR rights_held_back({learner}))"""

FIND = f"""
    -- Whose rows go: the learner's, and those of records that were joined to it (a later migration).
    CREATE FUNCTION rights_all_of(learner uuid) RETURNS SETOF uuid LANGUAGE sql STABLE
    SET search_path = public, pg_temp AS $$ SELECT learner $$;
    CREATE FUNCTION rights_held_back(learner uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
        SELECT EXISTS (SELECT FROM rights_legalhold h
                       WHERE h.learner_id IN (SELECT rights_all_of(learner))
                         AND h.ended_at IS NULL)
    $$;
    -- For the worker, which reads no learner: puts who is due into the queue of whoever holds them.
    CREATE FUNCTION rights_find_due(years integer, looked_after integer, moment timestamptz)
    RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
        day date := {rs.TODAY};
        new integer;
    BEGIN
        IF NOT ({rs.WORKER}) THEN
            RAISE EXCEPTION 'The worker looks for what is due.'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        -- What was due and has a place again, is on hold, or is kept longer by now, is due no more.
        DELETE FROM rights_disposal d USING learners_learner l
        WHERE l.id = d.learner_id AND d.state = 'due' AND ({
    STAYS.format(learner="d.learner_id", day="day")
}
            OR day < l.date_of_birth + make_interval(years => (
                SELECT c.years FROM rights_retentionchange c WHERE c.organisation_id = d.holder_id
                ORDER BY c.made_at DESC LIMIT 1)));
        INSERT INTO rights_disposal (id, learner_id, holder_id, due_on, years, found_at, state,
                                     postponed_because, attempts, last_error)
        SELECT uuidv7(), found.id, found.holder, (found.born + make_interval(years => found.after))::date,
               found.after, moment, 'due', '', 0, ''
        FROM (
            SELECT l.id, l.date_of_birth AS born, place.holder, greatest(
                coalesce((SELECT c.years FROM rights_retentionchange c
                          WHERE c.organisation_id = place.holder
                          ORDER BY c.made_at DESC LIMIT 1), $1),
                CASE WHEN l.looked_after_by_id IS NOT NULL THEN $2 ELSE 0 END) AS after
            FROM learners_learner l CROSS JOIN LATERAL (
                SELECT coalesce(
                    (SELECT coalesce(h.setting_id, h.local_area_id) FROM learners_recordholder h
                     WHERE h.learner_id = l.id AND h.ends_on IS NULL),
                    (SELECT e.setting_id FROM learners_enrolment e WHERE e.learner_id = l.id
                     ORDER BY e.starts_on DESC LIMIT 1)) AS holder) place
            WHERE l.date_of_birth <= day - interval '25 years' AND place.holder IS NOT NULL
                AND l.closed_because NOT IN ('joined', 'sealed')
                AND NOT {STAYS.format(learner="l.id", day="day")}
        ) found
        WHERE found.born + make_interval(years => found.after) <= day
        ON CONFLICT (learner_id) DO NOTHING;
        GET DIAGNOSTICS new = ROW_COUNT;
        RETURN new;
    END $$;
    REVOKE ALL ON FUNCTION rights_find_due FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION rights_find_due TO {rs.app()};
"""

DISPOSE = f"""
    -- One transaction, the caller's: all of it goes, or nothing does. A record that is gone already
    -- has no row here: the second time does nothing.
    CREATE FUNCTION rights_dispose(this uuid, moment timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
        due rights_disposal;
        decided record;
        tombstone uuid := uuidv7();
        day date := {rs.TODAY};
        whose uuid;
        everyone uuid[];
        tab text;
        gone bigint;
        counts jsonb := '{{}}';
    BEGIN
        IF NOT ({rs.WORKER}) THEN
            RAISE EXCEPTION 'The worker deletes what was decided.'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        SELECT d.* INTO due FROM rights_disposal d WHERE d.id = this FOR UPDATE;
        IF due.id IS NULL THEN
            RETURN false;
        END IF;
        SELECT p.name AS proposer, u.name AS decider INTO decided
            FROM rights_decision d
            JOIN accounts_user p ON p.id = d.proposed_by_id
            JOIN accounts_user u ON u.id = d.decided_by_id
            WHERE d.id = due.decision_id AND d.kind = 'disposal' AND d.state = 'agreed'
                AND d.learner_id = due.learner_id AND d.proposed_by_id <> d.decided_by_id;
        IF decided.decider IS NULL OR due.state <> 'agreed' THEN
            RAISE EXCEPTION 'A record is deleted when two people have decided it.'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF {STAYS.format(learner="due.learner_id", day="day")} THEN
            RAISE EXCEPTION 'This learner has a place, is on a register, or is on legal hold.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        everyone := ARRAY(SELECT * FROM rights_all_of(due.learner_id));
        INSERT INTO rights_tombstone (id, learner_key, holder_id, classes, why, proposed_by,
                                      decided_by, deleted_at, digest)
            VALUES (tombstone, due.learner_id, due.holder_id, '{{}}',
                    due.years || ' years from the date of birth', decided.proposer,
                    decided.decider, moment, coalesce((
                        SELECT r.sha256 FROM reviews_review r
                        WHERE r.learner_id = due.learner_id AND r.number IS NOT NULL
                        ORDER BY r.number DESC LIMIT 1), ''));
        FOREACH whose IN ARRAY everyone LOOP
            PERFORM set_config('lr.rewriting', whose::text, true);
            DELETE FROM accounts_unsentform WHERE string_to_array(page, '/') && rights_keys(whose);
            DELETE FROM imports_importrow WHERE matched_id = whose;
            DELETE FROM lives_closure WHERE into_id = whose AND undone_at IS NOT NULL;
            -- Every table that has a learner: a new one goes with the rest.
            FOR tab IN
                SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
                    AND NOT c.relispartition AND a.attname = 'learner_id' AND NOT a.attisdropped
                    AND c.relname NOT LIKE 'audit\\_%'
                ORDER BY c.relname
            LOOP
                EXECUTE format('DELETE FROM %I WHERE learner_id = $1', tab) USING whose;
                GET DIAGNOSTICS gone = ROW_COUNT;
                IF gone > 0 THEN
                    counts := counts || jsonb_build_object(
                        tab, gone + coalesce((counts ->> tab)::bigint, 0));
                END IF;
            END LOOP;
            DELETE FROM learners_learner WHERE id = whose;
            -- The history of all these rows is emptied with them; that they were there stays.
            PERFORM audit_empty(whose, tombstone, moment);
        END LOOP;
        UPDATE rights_tombstone
            SET classes = counts || jsonb_build_object('learners_learner', cardinality(everyone))
            WHERE id = tombstone;
        PERFORM set_config('lr.rewriting', '', true);
        RETURN true;
    END $$;
    REVOKE ALL ON FUNCTION rights_dispose FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION rights_dispose TO {rs.app()};

    -- Work of the service that is over: messages and numbers that were checked.
    CREATE FUNCTION rights_forget_work(moment timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF {rs.WORKER} THEN
            DELETE FROM notifications_notification n
                WHERE (read_at < moment - interval '30 days'
                       OR created_at < moment - interval '1 year')
                    AND NOT rights_held_back(n.learner_id);
            DELETE FROM imports_identifiercheck c
                WHERE settled_at < moment - interval '30 days'
                    AND NOT rights_held_back(c.learner_id);
            DELETE FROM imports_importrow r USING imports_import i WHERE i.id = r.batch_id
                AND coalesce(i.committed_at, i.uploaded_at) < moment - interval '30 days'
                AND NOT rights_held_back(r.matched_id);
        END IF;
    END $$;
    REVOKE ALL ON FUNCTION rights_forget_work FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION rights_forget_work TO {rs.app()};

    -- Accounts of people with no role and no child here, unused for years: the row stays, since what
    -- they did points to it, and says nothing of them.
    CREATE FUNCTION rights_forget_accounts(years integer, moment timestamptz) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        day date := {rs.TODAY};
        unused uuid[];
    BEGIN
        IF NOT ({rs.WORKER}) THEN
            RAISE EXCEPTION 'The worker forgets accounts.' USING ERRCODE = 'insufficient_privilege';
        END IF;
        SELECT coalesce(array_agg(u.id), '{{}}') INTO unused FROM accounts_user u
        WHERE coalesce(u.last_login, u.date_joined) < moment - make_interval(years => $1)
            AND u.email <> u.id || '@deleted.invalid'
            AND NOT EXISTS (SELECT FROM access_membership m WHERE m.user_id = u.id
                            AND (m.ends_on IS NULL OR m.ends_on > day))
            AND NOT EXISTS (SELECT FROM learners_familymember f
                            WHERE f.user_id = u.id
                                AND (f.may_see OR rights_held_back(f.learner_id)));
        DELETE FROM account_emailaddress WHERE user_id = ANY (unused);
        DELETE FROM mfa_authenticator WHERE user_id = ANY (unused);
        DELETE FROM socialaccount_socialaccount WHERE user_id = ANY (unused);
        DELETE FROM usersessions_usersession WHERE user_id = ANY (unused);
        DELETE FROM accounts_knowndevice WHERE user_id = ANY (unused);
        DELETE FROM accounts_unsentform WHERE user_id = ANY (unused);
        UPDATE accounts_user SET email = id || '@deleted.invalid', name = 'Deleted account',
            is_active = false, password = '!' WHERE id = ANY (unused);
        RETURN cardinality(unused);
    END $$;
    REVOKE ALL ON FUNCTION rights_forget_accounts FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION rights_forget_accounts TO {rs.app()};
"""

CHANGE, HOLD, DISPOSAL, STONE = (
    "rights_retentionchange",
    "rights_legalhold",
    "rights_disposal",
    "rights_tombstone",
)
LEADS = ("head", "safeguarding-lead", "officer")
DECIDES = (*LEADS, "senco", "assistant-senco")
HELD = rs.reads_as(f"{HOLD}.learner_id", *DECIDES)
HOLDS_BACK = rs.reads_as(f"{HOLD}.learner_id", *LEADS)
QUEUE = (
    f"{rs.reads_as_organisation(f'{DISPOSAL}.learner_id')}"
    f" AND {rs.has_role(f'{DISPOSAL}.holder_id', *DECIDES)}"
)


def only(table: str, taken: str) -> migrations.RunSQL:
    """Take rights on a table from the app that every new table gives it."""
    return migrations.RunSQL(
        f"REVOKE {taken} ON {table} FROM {rs.app()}", f"GRANT {taken} ON {table} TO {rs.app()}"
    )


class Migration(migrations.Migration):
    """Row-level security; three functions; nobody deletes a hold, a disposal or a tombstone."""

    dependencies = [
        ("rights", "0008_keeping"),
        ("audit", "0006_hidden_and_emptied"),
        ("accounts", "0005_identities"),
    ]

    operations = [
        *key_defaults(CHANGE, HOLD, DISPOSAL, STONE),
        rs.protect(
            CHANGE,
            rs.policy("seen", "SELECT", using=rs.has_role("organisation_id", *DECIDES)),
            rs.policy("made", "INSERT", check=rs.has_role("organisation_id", *LEADS)),
        ),
        only(CHANGE, "UPDATE, DELETE"),
        rs.protect(
            HOLD,
            rs.policy("seen", "SELECT", using=HELD),
            rs.policy("placed", "INSERT", check=f"{HOLDS_BACK} AND ended_at IS NULL"),
            rs.policy(
                "ended", "UPDATE", using=f"{HOLDS_BACK} AND ended_at IS NULL", check=HOLDS_BACK
            ),
        ),
        only(HOLD, "DELETE"),
        history.keep(HOLD),
        rs.protect(
            DISPOSAL,
            rs.policy("seen", "SELECT", using=f"{rs.WORKER} OR {QUEUE}"),
            rs.policy(
                "decided",
                "UPDATE",
                using=f"{rs.WORKER} OR {QUEUE}",
                check=f"{rs.WORKER} OR {QUEUE}",
            ),
        ),
        only(DISPOSAL, "INSERT, DELETE"),
        history.keep(DISPOSAL),
        rs.protect(STONE, rs.policy("seen", "SELECT", using=rs.has_role("holder_id", *DECIDES))),
        only(STONE, "INSERT, UPDATE, DELETE"),
        migrations.RunSQL(
            FIND + DISPOSE,
            "DROP FUNCTION rights_find_due, rights_dispose, rights_all_of, rights_forget_work,"
            " rights_forget_accounts, rights_held_back;",
        ),
    ]
