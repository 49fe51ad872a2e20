"""The audit tables belong to a role of their own; the application adds through two functions."""

from django.conf import settings
from django.db import migrations

APP = settings.DATABASE_ROLES["app"]
AUDIT = settings.DATABASE_ROLES["audit"]

OWN = "\n".join(
    f"""
    REVOKE ALL ON {table} FROM {APP};
    GRANT SELECT ON {table} TO {APP};
    CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
        FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change();
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    ALTER TABLE {table} FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner ON {table} TO {AUDIT} USING (true) WITH CHECK (true);
    ALTER TABLE {table} OWNER TO {AUDIT};
    """
    for table in ("audit_event", "audit_accessentry")
)
DISOWN = "\n".join(
    f"""
    ALTER TABLE {table} OWNER TO CURRENT_USER;
    DROP POLICY owner ON {table};
    ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;
    ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;
    DROP TRIGGER {table}_append_only ON {table};
    GRANT INSERT, UPDATE, DELETE ON {table} TO {APP};
    """
    for table in ("audit_event", "audit_accessentry")
)

REFUSE = """
    CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'The audit trail is added to and never changed.'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$;
"""

APPEND = f"""
    CREATE FUNCTION audit_append_event(
        at timestamptz, actor uuid, actor_name text, role text, organisation uuid, action text,
        subject_kind text, subject uuid, learner uuid, detail jsonb
    ) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        INSERT INTO audit_event (id, at, actor_id, actor_name, role, organisation_id, action,
                                 subject_kind, subject_id, learner_id, detail)
        VALUES (uuidv7(), at, actor, actor_name, role, organisation, action,
                subject_kind, subject, learner, detail);
    $$;
    CREATE FUNCTION audit_append_access(
        at timestamptz, actor uuid, actor_name text, role text, organisation uuid,
        organisation_name text, kind text, what text, purpose text, learners uuid[]
    ) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        INSERT INTO audit_accessentry (id, at, actor_id, actor_name, role, organisation_id,
                                       organisation_name, kind, what, purpose, learner_id,
                                       learner_ids)
        VALUES (uuidv7(), at, actor, actor_name, role, organisation, organisation_name, kind, what,
                purpose, CASE kind WHEN 'opened' THEN learners[1] END, learners);
    $$;
    ALTER FUNCTION audit_append_event OWNER TO {AUDIT};
    ALTER FUNCTION audit_append_access OWNER TO {AUDIT};
    REVOKE ALL ON FUNCTION audit_append_event, audit_append_access FROM PUBLIC;
    SET LOCAL ROLE {AUDIT};
    GRANT EXECUTE ON FUNCTION audit_append_event, audit_append_access TO {APP};
    RESET ROLE;
"""


class Migration(migrations.Migration):
    """Ownership, the two functions, and a trigger that refuses every change."""

    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION audit_refuse_change();"),
        migrations.RunSQL(OWN, DISOWN),
        migrations.RunSQL(
            APPEND, "DROP FUNCTION audit_append_event; DROP FUNCTION audit_append_access;"
        ),
    ]
