"""Who has read a learner's record: what an organisation may know of it, and what a family."""

from django.conf import settings
from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

AUDIT = settings.DATABASE_ROLES["audit"]
OWN = "actor_id::text = current_setting('lr.actor', true)"
LOGS = ("audit_event", "audit_accessentry")


def _seen(reads: str) -> str:
    """Change who may read the two logs; the audit role owns them."""
    return (
        f"SET LOCAL ROLE {AUDIT};"
        + "".join(
            f"DROP POLICY seen ON {log}; CREATE POLICY seen ON {log} FOR SELECT TO {rs.app()}"
            f" USING ({reads.format(log=log)} OR {OWN});"
            for log in LOGS
        )
        + "RESET ROLE;"
    )


# A family reads the log through one function, which leaves out what is not theirs to know: other
# family members' reading, and readers whom the safeguarding lead withholds. Lists count once for
# each person and day.
READINGS = f"""
    CREATE FUNCTION learners_readings(of_learner uuid, most integer) RETURNS TABLE (
        at timestamptz, reader_id uuid, name text, role text, organisation text, kind text,
        what text, purpose text, withheld boolean
    ) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
        as_family boolean := NOT {rs.reads_as_organisation("of_learner")};
        asks text := current_setting('lr.actor', true);
    BEGIN
        IF NOT {rs.reads("of_learner")} THEN
            RETURN;
        END IF;
        RETURN QUERY
        SELECT r.at, r.actor_id, r.actor_name::text, r.role::text, r.organisation_name::text,
               r.kind::text, r.what::text, r.purpose::text, w.id IS NOT NULL
        FROM (
            SELECT e.at, e.actor_id, e.actor_name, e.role, e.organisation_name, e.kind, e.what,
                   e.purpose
            FROM audit_accessentry e WHERE e.learner_id = of_learner AND e.kind = 'opened'
            UNION ALL
            (SELECT DISTINCT ON ((e.at AT TIME ZONE 'Europe/London')::date, e.actor_id, e.role)
                    e.at, e.actor_id, e.actor_name, e.role, e.organisation_name, e.kind, e.what,
                    e.purpose
             FROM audit_accessentry e
             WHERE e.kind = 'listed' AND e.learner_ids @> ARRAY[of_learner]
             ORDER BY (e.at AT TIME ZONE 'Europe/London')::date, e.actor_id, e.role, e.at)
        ) r
        LEFT JOIN learners_withheldreader w ON w.learner_id = of_learner
            AND w.reader_id = r.actor_id AND w.ended_at IS NULL
        WHERE NOT as_family
           OR (w.id IS NULL AND (r.role <> 'Family' OR r.actor_id::text = asks))
        ORDER BY r.at DESC LIMIT most;
    END $$;
    REVOKE ALL ON FUNCTION learners_readings FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION learners_readings TO {rs.app()};
"""

TABLE = "learners_withheldreader"
LEARNER = rs.reads_as_organisation(f"{TABLE}.learner_id")
GUARDS = rs.reads_as(f"{TABLE}.learner_id", "head", "safeguarding-lead")


class Migration(migrations.Migration):
    """A family's right is to what a family may know, in the database too."""

    dependencies = [("learners", "0005_withheld_readers")]

    operations = [
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=LEARNER),
            rs.policy("withheld", "INSERT", check=GUARDS),
            rs.policy("ended", "UPDATE", using=GUARDS, check=GUARDS),
        ),
        history.keep(TABLE),
        migrations.RunSQL(
            _seen(rs.reads_as_organisation("{log}.learner_id")),
            _seen(rs.reads("{log}.learner_id")),
        ),
        migrations.RunSQL(READINGS, "DROP FUNCTION learners_readings"),
    ]
