"""The second wall reads its context once a query, and learner access from one index.

Policies cast the text of the context for every row that they looked at; with the cast inside the
SELECT it happens once. And the key of the learner had an index of its own, which the planner
preferred to the one that answers without the table.
"""

from __future__ import annotations

import re
from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

ROW_BY_ROW = re.compile(
    r"\( SELECT NULLIF\((current_setting\('lr\.\w+'::text, true\)), ''::text\) AS \"nullif\"\)\)"
    r"::(uuid\[\]|date)"
)
ONCE = r"( SELECT (NULLIF(\1, ''::text))::\2))::\2"


def cast_once(apps: Any, editor: Any) -> None:
    """Write again the policies that were made before `row_security` cast inside; there are none
    where everything is migrated from nothing."""
    audit = editor.quote_name(settings.DATABASE_ROLES["audit"])
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT tablename, policyname, qual, with_check FROM pg_policies")
        for table, name, using, check in cursor.fetchall():
            parts = [
                f"{word} ({ROW_BY_ROW.sub(ONCE, condition)})"
                for word, condition in (("USING", using), ("WITH CHECK", check))
                if condition and ROW_BY_ROW.search(condition)
            ]
            if parts:
                as_audit = f"SET LOCAL ROLE {audit};" if table.startswith("audit_") else ""
                cursor.execute(
                    f"{as_audit}ALTER POLICY {editor.quote_name(name)} "
                    f"ON {editor.quote_name(table)} {' '.join(parts)}; RESET ROLE"
                )


class Migration(migrations.Migration):
    """The same conditions, read faster."""

    dependencies = [
        ("learners", "0009_family_walls"),
        ("imports", "0005_other_numbers"),
        ("notifications", "0003_take_back"),
        ("register", "0003_history"),
        ("reviews", "0008_open_review_of_learner"),
        ("rights", "0002_rules"),
        ("transitions", "0007_family_walls"),
    ]

    operations = [
        migrations.RunPython(cast_once, migrations.RunPython.noop),
        migrations.AlterField(
            "learneraccess",
            "learner",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="access",
                to="learners.learner",
            ),
        ),
    ]
