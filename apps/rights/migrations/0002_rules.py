"""Row-level security of copies: whoever keeps the record, and the worker that makes them."""

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "rights_export"
KEPT = rs.holds(f"{TABLE}.learner_id")


class Migration(migrations.Migration):
    """A family asks whoever holds the record; a copy may name others, so it is not theirs to take."""

    dependencies = [
        ("rights", "0001_initial"),
        ("learners", "0008_held_before"),
        ("audit", "0004_history_and_chain"),
    ]

    operations = [
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("kept", "SELECT", using=KEPT),
            rs.policy("asked", "INSERT", check=KEPT),
            rs.policy("worked", "ALL", using=rs.WORKER, check=rs.WORKER),
        ),
        history.keep(TABLE, without=("content",)),
    ]
