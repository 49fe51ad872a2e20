"""Packages never change; who may see and move a handover."""

from django.db import migrations

from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults, refuse_change

TABLE = "transitions_delivery"

# If the record changes after sharing, a supplementary package follows. Reviews know nothing of
# moves, so the database writes the outbox row, in the transaction of the sign-off.
SUPPLEMENTARY = """
    CREATE FUNCTION transitions_queue_supplementary() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        INSERT INTO transitions_delivery (id, transition_id, learner_id, work, review_number, state,
            holder_id, receiver_id, not_before, attempts, last_error, created_at)
        SELECT uuidv7(), t.id, t.learner_id, 'package', NEW.number, 'queued',
            coalesce(t.from_setting_id, t.from_area_id), t.to_setting_id, NEW.signed_off_at, 0, '',
            NEW.signed_off_at
        FROM transitions_transition t
        WHERE t.learner_id = NEW.learner_id
          AND t.state IN ('shared', 'received', 'settling in', 'accepted')
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$;
    CREATE TRIGGER queue_supplementary AFTER UPDATE OF state ON reviews_review
        FOR EACH ROW WHEN (OLD.state = 'open' AND NEW.state = 'signed off')
        EXECUTE FUNCTION transitions_queue_supplementary();
"""


class Migration(migrations.Migration):
    """Frozen packages and row-level security."""

    dependencies = [("transitions", "0001_initial"), ("reviews", "0002_rules")]

    operations = [
        *key_defaults(
            "transitions_transition",
            "transitions_package",
            "transitions_delivery",
            "transitions_settlingin",
            "transitions_dayone",
            "transitions_query",
        ),
        migrations.RunSQL(
            SUPPLEMENTARY,
            "DROP TRIGGER queue_supplementary ON reviews_review;"
            "DROP FUNCTION transitions_queue_supplementary();",
        ),
        refuse_change(
            "transitions_package",
            when="true",
            sentence="A package is handed over as it was made.",
        ),
        rs.learner_table("transitions_transition", write="contribute"),
        rs.learner_table("transitions_package"),
        rs.learner_table("transitions_settlingin", write="contribute"),
        rs.learner_table("transitions_dayone", write="contribute"),
        rs.learner_table("transitions_query", write="contribute"),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=f"{rs.WORKER} OR {rs.reads(f'{TABLE}.learner_id')}"),
            rs.policy("queued", "INSERT", check=rs.holds(f"{TABLE}.learner_id")),
            rs.policy("worked", "UPDATE", using=rs.WORKER, check=rs.WORKER),
            rs.policy("dropped", "DELETE", using=rs.holds(f"{TABLE}.learner_id")),
        ),
    ]
