"""Who sees a meeting: those who work with the learner, and of the family those invited."""

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "reviews_meeting"
OF = f"{TABLE}.learner_id"
INVITED = (
    "EXISTS (SELECT 1 FROM learners_familymember f"
    f" WHERE f.id = ANY ({TABLE}.invited) AND f.learner_id = {OF} AND f.may_see"
    " AND f.user_id::text = current_setting('lr.actor', true))"
)
SEEN = (
    f"{rs.reads_as_organisation(OF)} OR ({rs.reads_where(OF)} AND {INVITED})"
    # Who is reminded of tomorrow: the worker looks through all that is booked.
    f" OR ({rs.WORKER} AND state = 'booked')"
)
ANSWERS = f"{rs.contributes(OF)} AND {INVITED}"

# Of the family somebody chooses a time, or says no and why; all else is the setting's.
ANSWERED = ("state", "starts_at", "chosen_by", "why_not")
SAME = " = ".join(
    f"to_jsonb({row})" + "".join(f" - '{name}'" for name in ANSWERED) for row in ("NEW", "OLD")
)
HELD = rs.holds("OLD.learner_id")
ONLY_ANSWERS = f"""
    CREATE FUNCTION reviews_meeting_answered() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF current_user = '{rs.app()}' AND NOT {HELD} AND NOT ({SAME}) THEN
            RAISE EXCEPTION 'Of a meeting the family chooses the time, and no more.'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER only_answers BEFORE UPDATE ON reviews_meeting
        FOR EACH ROW EXECUTE FUNCTION reviews_meeting_answered();
"""
NOT_ONLY = """
    DROP TRIGGER only_answers ON reviews_meeting; DROP FUNCTION reviews_meeting_answered();
"""


class Migration(migrations.Migration):
    """Row-level security and history."""

    dependencies = [
        ("reviews", "0020_meeting"),
        ("learners", "0013_family_rules"),
        ("audit", "0004_history_and_chain"),
    ]

    operations = [
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=SEEN),
            rs.policy("offered", "INSERT", check=f"{rs.holds(OF)} AND state = 'offered'"),
            rs.policy(
                "answered",
                "UPDATE",
                using=f"{rs.holds(OF)} OR ({ANSWERS} AND state IN ('offered', 'booked'))",
                check=f"{rs.holds(OF)} OR ({ANSWERS} AND state IN ('booked', 'declined'))",
            ),
        ),
        history.keep(TABLE),
        migrations.RunSQL(ONLY_ANSWERS, NOT_ONLY),
    ]
