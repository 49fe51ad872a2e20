"""Rows of the logs that the application may no longer read, and rows emptied when a record goes."""

from django.conf import settings
from django.db import migrations

APP = settings.DATABASE_ROLES["app"]
AUDIT = settings.DATABASE_ROLES["audit"]

# Redacted words stay in the log, under its seals, where only the audit role reads them.
HIDE = f"""
    CREATE TABLE audit_hidden (entry_id uuid PRIMARY KEY);
    ALTER TABLE audit_hidden OWNER TO {AUDIT};
    REVOKE ALL ON audit_hidden FROM {APP};

    CREATE FUNCTION audit_says(record jsonb, pattern text) RETURNS boolean LANGUAGE sql IMMUTABLE
    SET search_path = public, pg_temp AS $$
        SELECT EXISTS (
            SELECT FROM jsonb_path_query(record, 'strict $.**') part
            WHERE jsonb_typeof(part) = 'string'
              AND (part #>> '{{}}') COLLATE pg_c_utf8 ~* pattern)
    $$;
    CREATE FUNCTION audit_hide(of_learner uuid, rows text[], pattern text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        INSERT INTO audit_hidden (entry_id)
        SELECT id FROM audit_change WHERE learner_id = of_learner
            AND (row_id = ANY (rows) OR audit_says(old_values, pattern)
                 OR audit_says(new_values, pattern))
        UNION ALL
        SELECT id FROM audit_event WHERE learner_id = of_learner AND audit_says(detail, pattern)
        ON CONFLICT DO NOTHING;
    $$;
    ALTER FUNCTION audit_hide OWNER TO {AUDIT};
    REVOKE ALL ON FUNCTION audit_hide FROM PUBLIC;
    SET LOCAL ROLE {AUDIT};
    GRANT SELECT ON audit_hidden TO {APP};
    CREATE POLICY hidden ON audit_change AS RESTRICTIVE FOR SELECT TO {APP}
        USING (NOT EXISTS (SELECT FROM audit_hidden h WHERE h.entry_id = audit_change.id));
    CREATE POLICY hidden ON audit_event AS RESTRICTIVE FOR SELECT TO {APP}
        USING (NOT EXISTS (SELECT FROM audit_hidden h WHERE h.entry_id = audit_event.id));
    RESET ROLE;
"""
SHOW = f"""
    SET LOCAL ROLE {AUDIT};
    DROP POLICY hidden ON audit_change; DROP POLICY hidden ON audit_event;
    DROP FUNCTION audit_hide;
    DROP TABLE audit_hidden;
    RESET ROLE;
    DROP FUNCTION audit_says;
"""

REFUSE = """
    CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        {passes}
        RAISE EXCEPTION 'The audit trail is added to and never changed.'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$;
"""
PASSES = f"""
        IF TG_OP = 'UPDATE' AND current_user = '{AUDIT}'
            AND coalesce(current_setting('lr.emptying', true), '') <> '' THEN
            RETURN NULL;
        END IF;
"""

# When a record is deleted, what the logs say of it goes, and that something was done stays. Which
# rows were emptied is sealed with the event that says so: `seals.verify` knows them by it.
EMPTY = f"""
    CREATE TABLE audit_emptied (entry_id uuid PRIMARY KEY, event_id uuid NOT NULL);
    ALTER TABLE audit_emptied OWNER TO {AUDIT};
    REVOKE ALL ON audit_emptied FROM {APP};

    CREATE FUNCTION audit_empty(of_learner uuid, tombstone uuid, moment timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        event uuid := uuidv7();
        emptied uuid[];
    BEGIN
        PERFORM set_config('lr.emptying', of_learner::text, true);
        WITH changes AS (
            UPDATE audit_change SET old_values = '{{}}',
                new_values = CASE WHEN new_values IS NOT NULL THEN '{{}}'::jsonb END
            WHERE learner_id = of_learner RETURNING id
        ), events AS (
            UPDATE audit_event SET detail = '{{}}',
                actor_name = CASE role WHEN 'Family' THEN '' ELSE actor_name END
            WHERE learner_id = of_learner RETURNING id
        ), readings AS (
            UPDATE audit_accessentry SET actor_name = ''
            WHERE learner_id = of_learner AND role = 'Family' RETURNING id
        )
        SELECT coalesce(array_agg(id ORDER BY id), '{{}}') INTO emptied
        FROM (TABLE changes UNION ALL TABLE events UNION ALL TABLE readings) every;
        PERFORM set_config('lr.emptying', '', true);
        INSERT INTO audit_event (id, at, actor_name, role, action, subject_kind, subject_id, detail)
        VALUES (event, moment, 'Learner Record', 'Worker', 'record deleted', 'tombstone', tombstone,
                jsonb_build_object('emptied', cardinality(emptied), 'digest', encode(sha256(
                    convert_to(array_to_string(emptied, ','), 'UTF8')), 'hex')));
        INSERT INTO audit_emptied (entry_id, event_id)
            SELECT id, event FROM unnest(emptied) id ON CONFLICT DO NOTHING;
    END $$;
    ALTER FUNCTION audit_empty OWNER TO {AUDIT};
    REVOKE ALL ON FUNCTION audit_empty FROM PUBLIC;
"""


class Migration(migrations.Migration):
    """Two functions for the functions of redaction and disposal alone; nobody else may call them."""

    dependencies = [("audit", "0005_checkpoint_algorithm"), ("learners", "0006_readings")]

    operations = [
        migrations.RunSQL(HIDE, SHOW),
        migrations.RunSQL(REFUSE.format(passes=PASSES), REFUSE.format(passes="")),
        migrations.RunSQL(EMPTY, "DROP FUNCTION audit_empty; DROP TABLE audit_emptied;"),
    ]
