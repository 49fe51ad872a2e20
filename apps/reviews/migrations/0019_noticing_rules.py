"""Who reads what was noticed: the setting's SENCO, and whoever noticed; no area, no family."""

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults, refuse_change

TABLE = "reviews_noticing"
OF = f"{TABLE}.learner_id"
OWN = f"{TABLE}.author_id::text = current_setting('lr.actor', true)"
# A key of a setting, so that an area that holds a record is not meant.
KEEPS = f"{TABLE}.setting_id = ANY ({rs.HOLD_LIST})"
SEEN = (
    f"({rs.reads_where(OF)} AND {OWN}) OR ({rs.reads_as_organisation(OF)} AND {KEEPS})"
    # A copy of everything, and what the law asks: the worker, for whoever holds the record.
    f" OR ({rs.holds(OF)} AND {rs.WORKER})"
)
# What changes: what comes of it, and the setting where it has a successor.
SETTLED = [
    "setting_id",
    "state",
    "support",
    "look_again_on",
    "reason",
    "answer",
    "review_id",
    "settled_at",
    "settled_by",
]
SAME = " = ".join(
    f"to_jsonb({row})" + "".join(f" - '{name}'" for name in SETTLED) for row in ("NEW", "OLD")
)


class Migration(migrations.Migration):
    """Row-level security; what somebody noticed stays as they said it; history."""

    dependencies = [
        ("reviews", "0018_noticing"),
        ("learners", "0013_family_rules"),
        ("audit", "0004_history_and_chain"),
    ]

    operations = [
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=SEEN),
            rs.policy(
                "noticed", "INSERT", check=f"{rs.contributes(OF)} AND {OWN} AND state = 'open'"
            ),
            rs.policy(
                "settled",
                "UPDATE",
                using=f"{rs.holds(OF)} AND {KEEPS}",
                check=f"{rs.holds(OF)} AND {KEEPS}",
            ),
        ),
        refuse_change(
            TABLE,
            when="true",
            sentence="What somebody noticed stays as they said it.",
            allow=SAME,
        ),
        history.keep(TABLE),
    ]
