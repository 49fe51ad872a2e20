"""Which tables keep what their rows were: one trigger, one log (`models.Change`)."""

from __future__ import annotations

from django.db import migrations


def keep(
    table: str, *, learner: str = "learner_id", without: tuple[str, ...] = ()
) -> migrations.RunSQL:
    """Keep each update and deletion of a table's rows, raw and bulk SQL included; for migrations.

    `learner` is the column that names the learner, '' where none does; columns in `without`
    (secrets, columns that change with every request) are never copied.
    """
    columns = ", ".join(f"'{name}'" for name in (learner, *without))
    return migrations.RunSQL(
        f"CREATE TRIGGER {table}_history AFTER UPDATE OR DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION audit_keep_change({columns})",
        f"DROP TRIGGER {table}_history ON {table}",
    )
