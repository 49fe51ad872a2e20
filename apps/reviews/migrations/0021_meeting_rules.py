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
    ]
