"""A document is withdrawn in one's own name, is new when it is added, and joins a review through
whoever keeps the record; what was withdrawn before can still be taken from what was handed over.
"""

from importlib import import_module

from django.db import migrations

from apps.common import row_security as rs

family = import_module("apps.documents.migrations.0004_of_family")
handed_over = import_module("apps.documents.migrations.0005_handed_over")

TABLE, OF = handed_over.TABLE, handed_over.OF
ADDS = f"{family.ADDS} AND handed_over_at IS NULL AND (review_id IS NULL OR {rs.holds(OF)})"
FIRST = f"({handed_over.BEFORE}) AND withdrawn_at IS NULL"
AGAIN = f"{rs.holds(OF)} AND handed_over_at IS NOT NULL AND NOT withdrawn_everywhere"
IN_OWN_NAME = f"{TABLE}.withdrawn_by_id::text = current_setting('lr.actor', true)"


def policies(adds: str, withdraws: str, check: str) -> str:
    """Who adds and who withdraws."""
    return (
        f"DROP POLICY added ON {TABLE}; DROP POLICY withdrawn ON {TABLE};"
        f"CREATE POLICY added ON {TABLE} FOR INSERT TO {rs.app()} WITH CHECK ({adds});"
        f"CREATE POLICY withdrawn ON {TABLE} FOR UPDATE TO {rs.app()}"
        f" USING ({withdraws}) WITH CHECK ({check});"
    )


class Migration(migrations.Migration):
    """Two policies."""

    dependencies = [("documents", "0005_handed_over")]
    operations = [
        migrations.RunSQL(
            policies(ADDS, f"({FIRST}) OR ({AGAIN})", f"({handed_over.NOW}) AND {IN_OWN_NAME}"),
            policies(family.ADDS, FIRST, handed_over.NOW),
        )
    ]
