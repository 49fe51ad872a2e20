"""What holds of a closed record: nothing new comes to it, and what stopped can be restored."""

from importlib import import_module

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "lives_closure"
READ = (
    f"{rs.reads_as_organisation(f'{TABLE}.learner_id')}"
    f" OR {rs.reads_as_organisation(f'{TABLE}.into_id')}"
)
HELD = rs.holds(f"{TABLE}.learner_id")

# What nobody adds to a closed record. A message that names no learner is not about one.
REFUSED = (
    "access_invitation",
    "learners_censuscode",
    "learners_ehcplan",
    "learners_enrolment",
    "notifications_notification",
    "register_registerentry",
    "reviews_acknowledgement",
    "reviews_contribution",
    "reviews_draftchange",
    "reviews_review",
    "reviews_statement",
    "transitions_delivery",
    "transitions_transition",
)

CLOSED = (
    """
    CREATE FUNCTION lives_refuse_closed() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM learners_learner l
                   WHERE l.id = NEW.learner_id AND l.closed_because <> '') THEN
            IF TG_TABLE_NAME = 'notifications_notification' THEN
                RETURN NULL;  -- Nobody is told anything; what was being done goes on.
            END IF;
            RAISE EXCEPTION 'This record is closed: nothing is added to it.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER no_place_again BEFORE UPDATE OF ends_on ON learners_enrolment
        FOR EACH ROW WHEN (NEW.ends_on IS NULL) EXECUTE FUNCTION lives_refuse_closed();
    """
    + "".join(
        f"CREATE TRIGGER refuse_closed BEFORE INSERT ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION lives_refuse_closed();"
        for table in REFUSED
    )
    + """
    -- A learner is closed exactly while a closure is not undone; looked at when all is written.
    CREATE FUNCTION lives_closed_is_true() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        written jsonb := to_jsonb(NEW);
        whose uuid := coalesce(written ->> 'learner_id', written ->> 'id');
        said text := (SELECT closed_because FROM learners_learner WHERE id = whose);
        kept text := (SELECT because FROM lives_closure
                      WHERE learner_id = whose AND undone_at IS NULL);
    BEGIN
        IF said <> 'sealed' AND said <> coalesce(kept, '') THEN
            RAISE EXCEPTION 'A record is closed and opened by an act that says why.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER closed_is_true
        AFTER INSERT OR UPDATE OF closed_because ON learners_learner
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lives_closed_is_true();
    CREATE CONSTRAINT TRIGGER closed_is_true AFTER INSERT OR UPDATE ON lives_closure
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION lives_closed_is_true();
    """
)
NOT_CLOSED = (
    "DROP TRIGGER closed_is_true ON lives_closure;"
    "DROP TRIGGER closed_is_true ON learners_learner;"
    "DROP FUNCTION lives_closed_is_true();"
    + "".join(f"DROP TRIGGER refuse_closed ON {table};" for table in REFUSED)
    + "DROP TRIGGER no_place_again ON learners_enrolment;"
    "DROP FUNCTION lives_refuse_closed();"
)

# A lapsed review and an ended move stay so for ever, save when the closing that ended them is
# being undone: the learner is open again, and the closure that lists the row is not undone yet.
RESTORED = """
    CREATE FUNCTION lives_restores(whose uuid, line uuid) RETURNS boolean
        LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
        SELECT EXISTS (
            SELECT 1 FROM lives_closure c JOIN learners_learner l ON l.id = c.learner_id
            WHERE c.learner_id = whose AND c.undone_at IS NULL AND l.closed_because = ''
              AND c.changed @> jsonb_build_array(jsonb_build_object('id', line::text)))
    $$;
    DROP TRIGGER reviews_review_frozen ON reviews_review;
    CREATE TRIGGER reviews_review_frozen BEFORE UPDATE OR DELETE ON reviews_review
        FOR EACH ROW WHEN (OLD.state <> 'open' AND NOT rights_rewriting(OLD.learner_id) AND NOT
            (OLD.state = 'lapsed' AND lives_restores(OLD.learner_id, OLD.id)))
        EXECUTE FUNCTION reviews_review_frozen();
    DROP TRIGGER state_is_true ON transitions_transition;
    CREATE TRIGGER state_is_true BEFORE UPDATE ON transitions_transition
        FOR EACH ROW WHEN (NOT
            (OLD.state = 'withdrawn' AND lives_restores(OLD.learner_id, OLD.id)))
        EXECUTE FUNCTION transitions_state_is_true();
"""
NOT_RESTORED = """
    DROP TRIGGER state_is_true ON transitions_transition;
    CREATE TRIGGER state_is_true BEFORE UPDATE ON transitions_transition
        FOR EACH ROW EXECUTE FUNCTION transitions_state_is_true();
    DROP TRIGGER reviews_review_frozen ON reviews_review;
    CREATE TRIGGER reviews_review_frozen BEFORE UPDATE OR DELETE ON reviews_review
        FOR EACH ROW WHEN (OLD.state <> 'open' AND NOT rights_rewriting(OLD.learner_id))
        EXECUTE FUNCTION reviews_review_frozen();
    DROP FUNCTION lives_restores(uuid, uuid);
"""

# Messages are their recipients' alone: whoever keeps the record puts all of a learner's away, and
# learns the keys and nothing else.
MESSAGES = f"""
    CREATE FUNCTION lives_quiet(of_learner uuid) RETURNS uuid[]
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE quieted uuid[];
    BEGIN
        IF {rs.holds("of_learner")} THEN
            WITH q AS (
                UPDATE notifications_notification SET read_at = now()
                WHERE learner_id = of_learner AND read_at IS NULL RETURNING id)
            SELECT array_agg(id) INTO quieted FROM q;
        END IF;
        RETURN coalesce(quieted, '{{}}');
    END $$;
    CREATE FUNCTION lives_unquiet(closure uuid) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE notifications_notification n SET read_at = NULL
        FROM lives_closure c
        WHERE c.id = closure AND c.undone_at IS NULL AND {rs.holds("c.learner_id")}
          AND n.learner_id = c.learner_id AND n.id::text IN (
            SELECT jsonb_array_elements_text(part -> 'ids')
            FROM jsonb_array_elements(c.changed) part WHERE part ->> 'part' = 'messages');
    END $$;
    REVOKE ALL ON FUNCTION lives_quiet FROM PUBLIC;
    REVOKE ALL ON FUNCTION lives_unquiet FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION lives_quiet, lives_unquiet TO {rs.app()};
"""

# A joined record is nobody's to read but through the one that goes on: as it was signed, to whoever
# may read that one and know where the learner is; without what is for staff only to a family.
JOINED = f"""
    CREATE FUNCTION lives_joined_into(of_learner uuid) RETURNS uuid
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE found uuid := of_learner; further uuid;
    BEGIN
        LOOP
            SELECT into_id INTO further FROM lives_closure
            WHERE learner_id = found AND because = 'joined' AND undone_at IS NULL;
            EXIT WHEN further IS NULL;
            found := further;
        END LOOP;
        IF found <> of_learner AND {rs.reads("found")} THEN
            RETURN found;
        END IF;
        RETURN NULL;
    END $$;
    CREATE FUNCTION lives_earlier(of_learner uuid) RETURNS TABLE (
        closure_id uuid, known_as text, joined_at timestamptz, number integer, kind text,
        signed_off_at timestamptz, signed_off_name text, canonical text, sha256 text
    ) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    DECLARE as_family boolean := NOT {rs.reads_as_organisation("of_learner")};
    BEGIN
        IF NOT {rs.reads_where("of_learner")} THEN
            RETURN;
        END IF;
        RETURN QUERY
        WITH RECURSIVE joined AS (
            SELECT c.* FROM lives_closure c
            WHERE c.into_id = of_learner AND c.undone_at IS NULL
            UNION ALL
            SELECT c.* FROM lives_closure c JOIN joined j ON c.into_id = j.learner_id
            WHERE c.undone_at IS NULL)
        SELECT j.id, j.known_as::text, j.closed_at, r.number, r.kind::text, r.signed_off_at,
            r.signed_off_name::text,
            CASE WHEN as_family THEN (r.canonical::jsonb || jsonb_build_object('statements', (
                SELECT coalesce(jsonb_agg(s), '[]')
                FROM jsonb_array_elements(r.canonical::jsonb -> 'statements') s
                WHERE s ->> 'audience' = 'everyone')))::text ELSE r.canonical END,
            r.sha256::text
        FROM joined j
        LEFT JOIN reviews_review r ON r.learner_id = j.learner_id AND r.state = 'signed off'
        ORDER BY j.closed_at DESC, r.number DESC;
    END $$;
    -- Undoing a join: the rights to the joined record that ended with it, for both holders' worker.
    CREATE FUNCTION lives_give_back(closure uuid) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE learners_learneraccess a
        SET ends_on = (part -> 'before' ->> 'ends_on')::date
        FROM lives_closure c, jsonb_array_elements(c.changed) part
        WHERE c.id = closure AND c.because = 'joined' AND c.undone_at IS NULL
          AND {rs.WORKER} AND c.held_by = ANY ({rs.HOLD_LIST}) AND {rs.holds("c.into_id")}
          AND part ->> 'part' = 'readers' AND a.learner_id = c.learner_id
          AND a.id::text = part ->> 'id'
          -- Nothing opens by itself: of the family, only to who still reads the one that went on.
          AND (a.grantee_kind <> 'user' OR EXISTS (
              SELECT FROM learners_learneraccess k
              WHERE k.learner_id = c.into_id AND k.grantee_id = a.grantee_id
                AND k.starts_on <= {rs.TODAY} AND (k.ends_on IS NULL OR k.ends_on > {rs.TODAY})
                AND (k.knows_where OR NOT a.knows_where)));
    END $$;
    REVOKE ALL ON FUNCTION lives_joined_into FROM PUBLIC;
    REVOKE ALL ON FUNCTION lives_earlier FROM PUBLIC;
    REVOKE ALL ON FUNCTION lives_give_back FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION lives_joined_into, lives_earlier, lives_give_back TO {rs.app()};
"""
NOT_JOINED = (
    "DROP FUNCTION lives_give_back; DROP FUNCTION lives_earlier; DROP FUNCTION lives_joined_into;"
)

# Rule 3: whoever's record is closed is on no register, the area's list included.
RULE_3 = import_module("apps.reviews.migrations.0003_register_rule").RULE.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
RULE_3_OPEN = RULE_3.replace(
    "        IF EXISTS (\n            SELECT 1 FROM reviews_statement s",
    "        IF NOT EXISTS (SELECT 1 FROM learners_learner o\n"
    "                       WHERE o.id = whose AND o.closed_because = '') THEN\n"
    "            wanted := NULL;\n"
    "        ELSIF EXISTS (\n            SELECT 1 FROM reviews_statement s",
)

# Whose number it is, is told of nobody whose record is closed: not the day of birth, not the holder.
WITH_UPN_BEFORE = f"""
    CREATE OR REPLACE FUNCTION learners_with_upn(number text)
        RETURNS TABLE (learner_id uuid, date_of_birth date, holder_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT l.id, l.date_of_birth, coalesce(
            (SELECT coalesce(h.setting_id, h.local_area_id) FROM learners_recordholder h
             WHERE h.learner_id = l.id AND h.ends_on IS NULL),
            (SELECT e.setting_id FROM learners_enrolment e
             WHERE e.learner_id = l.id AND e.ends_on IS NULL AND e.kind = 'main'))
        FROM learners_learner l
        WHERE {rs.WORKER} AND (l.upn = number OR l.id IN (
            SELECT f.learner_id FROM learners_formeridentifier f
            WHERE f.kind = 'upn' AND f.value = number))
    $$;
"""
WITH_UPN = (
    WITH_UPN_BEFORE.replace(
        "l.date_of_birth,", "CASE WHEN l.closed_because = '' THEN l.date_of_birth END,"
    )
    .replace(" coalesce(\n", " CASE WHEN l.closed_because = '' THEN coalesce(\n")
    .replace("AND e.kind = 'main'))", "AND e.kind = 'main')) END")
)


class Migration(migrations.Migration):
    """Row-level security, and triggers on the tables from which a closed record is told."""

    dependencies = [
        ("lives", "0001_initial"),
        ("access", "0005_role_dates"),
        ("audit", "0004_history_and_chain"),
        ("notifications", "0003_take_back"),
        ("reviews", "0008_open_review_of_learner"),
        ("rights", "0010_may_know_where"),
        ("transitions", "0007_family_walls"),
    ]

    operations = [
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=READ),
            rs.policy("closed", "INSERT", check=HELD),
            rs.policy("undone", "UPDATE", using=HELD, check=HELD),
        ),
        history.keep(TABLE, without=("changed",)),
        migrations.RunSQL(CLOSED, NOT_CLOSED),
        migrations.RunSQL(RESTORED, NOT_RESTORED),
        migrations.RunSQL(MESSAGES, "DROP FUNCTION lives_unquiet; DROP FUNCTION lives_quiet;"),
        migrations.RunSQL(JOINED, NOT_JOINED),
        migrations.RunSQL(RULE_3_OPEN, RULE_3),
        migrations.RunSQL(WITH_UPN, WITH_UPN_BEFORE),
    ]
