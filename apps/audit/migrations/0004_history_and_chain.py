"""History of rows that change in place, the chain of seals, and logs partitioned by month."""

from django.conf import settings
from django.db import migrations

from apps.common import row_security as rs

APP = settings.DATABASE_ROLES["app"]
AUDIT = settings.DATABASE_ROLES["audit"]
OWNER = settings.DATABASE_ROLES["owner"]

# The key of a row is a version 7 UUID, which begins with its milliseconds: a month is a range of
# keys, and the key alone stays the primary key.
FIRST_KEY = f"""
    CREATE FUNCTION audit_first_key(of date) RETURNS uuid LANGUAGE sql IMMUTABLE
    SET search_path = public, pg_temp AS $$
        SELECT (lpad(to_hex((extract(epoch FROM of::timestamp AT TIME ZONE 'UTC') * 1000)::bigint),
                     12, '0') || repeat('0', 20))::uuid;
    $$;
    CREATE FUNCTION audit_add_months(until date) RETURNS void LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        log text;
        month date;
        part text;
        stray boolean;
    BEGIN
        PERFORM pg_advisory_xact_lock(7261845003);
        FOREACH log IN ARRAY ARRAY['audit_event', 'audit_accessentry', 'audit_change'] LOOP
            month := date_trunc('month', now())::date;
            WHILE month <= until LOOP
                part := log || to_char(month, '_YYYY_MM');
                EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE id >= %L AND id < %L)',
                               log || '_rest', audit_first_key(month),
                               audit_first_key((month + interval '1 month')::date)) INTO stray;
                IF to_regclass(part) IS NULL AND NOT stray THEN
                    EXECUTE format(
                        'CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)', part, log,
                        audit_first_key(month),
                        audit_first_key((month + interval '1 month')::date));
                    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', part);
                    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', part);
                    EXECUTE format('CREATE POLICY owner ON %I TO {AUDIT} USING (true)', part);
                END IF;
                month := (month + interval '1 month')::date;
            END LOOP;
        END LOOP;
    END $$;
    ALTER FUNCTION audit_add_months OWNER TO {AUDIT};
    REVOKE ALL ON FUNCTION audit_add_months FROM PUBLIC;
"""

# Whoever may read a learner may read of what was done; those who hold the record, of each change.
SEEN = {
    "audit_event": f"{rs.reads('audit_event.learner_id')}"
    " OR actor_id::text = current_setting('lr.actor', true)",
    "audit_accessentry": f"{rs.reads('audit_accessentry.learner_id')}"
    " OR actor_id::text = current_setting('lr.actor', true)",
    "audit_change": rs.holds("audit_change.learner_id"),
}


def _partitioned(table: str, index: str) -> str:
    """The table again, by months of its key, with what it held, its owner, rules and grants."""
    return f"""
        ALTER TABLE {table} OWNER TO {OWNER};
        ALTER TABLE {table} RENAME TO {table}_whole;
        ALTER TABLE {table}_whole RENAME CONSTRAINT {table}_pkey TO {table}_whole_pkey;
        DROP INDEX {index};
        CREATE TABLE {table} (LIKE {table}_whole INCLUDING DEFAULTS) PARTITION BY RANGE (id);
        ALTER TABLE {table} ALTER id SET DEFAULT uuidv7(), ADD PRIMARY KEY (id);
        CREATE INDEX {index} ON {table} (learner_id, at DESC);
        CREATE TABLE {table}_rest PARTITION OF {table} DEFAULT;
        ALTER TABLE {table}_rest ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table}_rest FORCE ROW LEVEL SECURITY;
        CREATE POLICY owner ON {table}_rest TO {AUDIT} USING (true);
        ALTER TABLE {table}_rest OWNER TO {AUDIT};
        REVOKE ALL ON {table}, {table}_rest FROM {APP};
        GRANT SELECT ON {table} TO {APP};
        ALTER TABLE {table}_whole DISABLE ROW LEVEL SECURITY;
        INSERT INTO {table} SELECT * FROM {table}_whole;
        DROP TABLE {table}_whole;
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY owner ON {table} TO {AUDIT} USING (true) WITH CHECK (true);
        CREATE POLICY seen ON {table} FOR SELECT TO {APP} USING ({SEEN[table]});
        ALTER TABLE {table} OWNER TO {AUDIT};
    """


def _whole(table: str, index: str) -> str:
    """The table as it was before, in one piece."""
    return f"""
        ALTER TABLE {table} OWNER TO {OWNER};
        ALTER TABLE {table} RENAME TO {table}_parted;
        ALTER TABLE {table}_parted RENAME CONSTRAINT {table}_pkey TO {table}_parted_pkey;
        DROP INDEX {index};
        CREATE TABLE {table} (LIKE {table}_parted INCLUDING DEFAULTS);
        ALTER TABLE {table} ADD PRIMARY KEY (id);
        CREATE INDEX {index} ON {table} (learner_id, at DESC);
        INSERT INTO {table} SELECT * FROM {table}_parted;
        DROP TABLE {table}_parted;
        REVOKE ALL ON {table} FROM {APP};
        GRANT SELECT ON {table} TO {APP};
        CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
            FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
        ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
        ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
        CREATE POLICY owner ON {table} TO {AUDIT} USING (true) WITH CHECK (true);
        CREATE POLICY seen ON {table} FOR SELECT TO {APP} USING ({SEEN[table]});
        ALTER TABLE {table} OWNER TO {AUDIT};
    """


INDEXES = {
    "audit_event": "event_of_learner",
    "audit_accessentry": "opening_of_learner",
    "audit_change": "change_of_learner",
}
PARTITION = (
    "".join(_partitioned(table, index) for table, index in INDEXES.items())
    + "CREATE INDEX learners_listed ON audit_accessentry USING gin (learner_ids)"
    " WHERE kind = 'listed';"
    "SELECT audit_add_months((now() + interval '2 months')::date);"
    f"SET LOCAL ROLE {AUDIT};"
    f"GRANT EXECUTE ON FUNCTION audit_add_months TO {APP}; RESET ROLE;"
)

# One trigger function for every table whose rows change in place: it sees bulk and raw SQL too.
# Its arguments: the column that names the learner ('' where none does), then columns never kept.
KEEP = f"""
    CREATE FUNCTION audit_keep_change() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp SET timezone = 'UTC' AS $$
    DECLARE
        was jsonb := to_jsonb(OLD) - TG_ARGV[1:];
        became jsonb := CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(NEW) - TG_ARGV[1:] END;
        old_values jsonb := was;
        new_values jsonb;
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            SELECT jsonb_object_agg(key, value), jsonb_object_agg(key, became -> key)
                INTO old_values, new_values
                FROM jsonb_each(was) WHERE value IS DISTINCT FROM became -> key;
            IF old_values IS NULL THEN
                RETURN NULL;
            END IF;
        END IF;
        INSERT INTO audit_change (id, at, actor_id, actor_kind, database_role, table_name, row_id,
                                  learner_id, old_values, new_values)
        VALUES (uuidv7(), clock_timestamp(),
                nullif(current_setting('lr.actor', true), '')::uuid,
                coalesce(current_setting('lr.kind', true), ''), session_user, TG_TABLE_NAME,
                was ->> 'id', (was ->> TG_ARGV[0])::uuid, old_values, new_values);
        RETURN NULL;
    END $$;
    ALTER FUNCTION audit_keep_change OWNER TO {AUDIT};
"""

# A row of any log waits in a queue until it is sealed, however late its transaction commits.
# Each seal's digest is taken over the one before it, its own number and every word of its row.
SEAL = f"""
    CREATE TABLE audit_pending (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, log text NOT NULL, entry_id uuid NOT NULL
    );
    ALTER TABLE audit_pending OWNER TO {AUDIT};
    REVOKE ALL ON audit_pending FROM {APP};
    INSERT INTO audit_pending (log, entry_id)
        SELECT log, id FROM (SELECT 'event' AS log, id FROM audit_event
                             UNION ALL SELECT 'access', id FROM audit_accessentry) earlier
        ORDER BY id;

    CREATE FUNCTION audit_queue() RETURNS trigger LANGUAGE plpgsql
    SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO audit_pending (log, entry_id) VALUES (TG_ARGV[0], NEW.id);
        RETURN NULL;
    END $$;
    ALTER FUNCTION audit_queue OWNER TO {AUDIT};

    -- Each value with its length before it, so that no two rows have the same words; '-' is NULL.
    CREATE FUNCTION audit_words(VARIADIC fields text[]) RETURNS bytea LANGUAGE sql IMMUTABLE
    SET search_path = public, pg_temp AS $$
        SELECT convert_to(string_agg(
            coalesce(octet_length(field) || ':' || field, '-') || ',', '' ORDER BY place), 'UTF8')
        FROM unnest(fields) WITH ORDINALITY AS f(field, place);
    $$;
    CREATE FUNCTION audit_time(moment timestamptz) RETURNS text LANGUAGE sql IMMUTABLE
    SET search_path = public, pg_temp AS $$
        SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');
    $$;
    CREATE FUNCTION audit_entry_words(log text, entry uuid) RETURNS bytea LANGUAGE sql STABLE
    SET search_path = public, pg_temp AS $$
        SELECT audit_words(id::text, audit_time(at), actor_id::text, actor_name, role,
                           organisation_id::text, action, subject_kind, subject_id::text,
                           learner_id::text, detail::text)
        FROM audit_event WHERE log = 'event' AND id = entry
        UNION ALL
        SELECT audit_words(id::text, audit_time(at), actor_id::text, actor_name, role,
                           organisation_id::text, organisation_name, kind, what, purpose,
                           learner_id::text, learner_ids::text)
        FROM audit_accessentry WHERE log = 'access' AND id = entry
        UNION ALL
        SELECT audit_words(id::text, audit_time(at), actor_id::text, actor_kind, database_role,
                           table_name, row_id, learner_id::text, old_values::text,
                           new_values::text)
        FROM audit_change WHERE log = 'change' AND id = entry;
    $$;
    CREATE FUNCTION audit_seal_waiting(most integer) RETURNS TABLE (number bigint, digest bytea)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        last_number bigint;
        last_digest bytea;
        waiting record;
    BEGIN
        PERFORM pg_advisory_xact_lock(7261845002);
        SELECT s.number, s.digest INTO last_number, last_digest
            FROM audit_seal s ORDER BY s.number DESC LIMIT 1;
        last_number := coalesce(last_number, 0);
        last_digest := coalesce(last_digest, sha256(''));
        FOR waiting IN SELECT p.id, p.log, p.entry_id FROM audit_pending p ORDER BY p.id LIMIT most
        LOOP
            last_number := last_number + 1;
            last_digest := sha256(last_digest || audit_words(last_number::text, waiting.log)
                                  || coalesce(audit_entry_words(waiting.log, waiting.entry_id), ''));
            INSERT INTO audit_seal (number, log, entry_id, sealed_at, digest)
                VALUES (last_number, waiting.log, waiting.entry_id, clock_timestamp(), last_digest);
            DELETE FROM audit_pending p WHERE p.id = waiting.id;
            number := last_number;
            digest := last_digest;
        END LOOP;
        IF number IS NOT NULL THEN
            RETURN NEXT;
        END IF;
    END $$;
    CREATE FUNCTION audit_append_checkpoint(
        number bigint, digest bytea, made_at timestamptz, public_key bytea, signature bytea
    ) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        INSERT INTO audit_checkpoint (number, digest, made_at, public_key, signature)
        VALUES (number, digest, made_at, public_key, signature) ON CONFLICT DO NOTHING;
    $$;
    ALTER FUNCTION audit_seal_waiting OWNER TO {AUDIT};
    ALTER FUNCTION audit_append_checkpoint OWNER TO {AUDIT};
    REVOKE ALL ON FUNCTION audit_seal_waiting, audit_append_checkpoint FROM PUBLIC;
    SET LOCAL ROLE {AUDIT};
    GRANT EXECUTE ON FUNCTION audit_seal_waiting, audit_append_checkpoint TO {APP};
    RESET ROLE;
"""

LOGS = {"audit_event": "event", "audit_accessentry": "access", "audit_change": "change"}
QUEUED = "".join(
    f"CREATE TRIGGER {table}_queued AFTER INSERT ON {table}"
    f" FOR EACH ROW EXECUTE FUNCTION audit_queue('{log}');"
    for table, log in LOGS.items()
)
NOT_QUEUED = "".join(f"DROP TRIGGER {table}_queued ON {table};" for table in LOGS)

SEALS_KEPT = "".join(
    f"""
    REVOKE ALL ON {table} FROM {APP};
    CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner ON {table} TO {AUDIT} USING (true) WITH CHECK (true);
    ALTER TABLE {table} OWNER TO {AUDIT};
    """
    for table in ("audit_seal", "audit_checkpoint")
)

SEALS_FREE = "".join(
    f"""
    ALTER TABLE {table} OWNER TO {OWNER};
    DROP POLICY owner ON {table};
    ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
    DROP TRIGGER {table}_append_only ON {table};
    GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {APP};
    """
    for table in ("audit_seal", "audit_checkpoint")
)
NO_SEAL = """
    DROP FUNCTION audit_append_checkpoint, audit_seal_waiting, audit_entry_words, audit_time,
        audit_words, audit_queue;
    DROP TABLE audit_pending;
"""


class Migration(migrations.Migration):
    """One chain over three logs; what came before the chain is sealed when it first runs."""

    # Learner access, which the policies of the logs ask.
    dependencies = [
        ("audit", "0003_changes_seals_checkpoints"),
        ("learners", "0003_one_upn"),
    ]

    operations = [
        migrations.RunSQL(FIRST_KEY, "DROP FUNCTION audit_add_months, audit_first_key"),
        migrations.RunSQL(PARTITION, "".join(map(_whole, INDEXES, INDEXES.values()))),
        migrations.RunSQL(KEEP, "DROP FUNCTION audit_keep_change"),
        migrations.RunSQL(SEAL, NO_SEAL),
        migrations.RunSQL(QUEUED, NOT_QUEUED),
        migrations.RunSQL(SEALS_KEPT, SEALS_FREE),
    ]
