"""Packages never change; who may see and move a handover."""

from django.db import migrations

from apps.access import row_security as rs
from apps.common.migrations_sql import key_defaults, refuse_change

TABLE = "transitions_delivery"


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
