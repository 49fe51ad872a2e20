"""SQL that migrations share. A released migration keeps what it used: add here, never change."""

from __future__ import annotations

from django.db import migrations


def key_defaults(*tables: str) -> list[migrations.RunSQL]:
    """Give each table's `id` the database's own uuidv7() default, for rows made by raw SQL."""
    return [
        migrations.RunSQL(
            f"ALTER TABLE {table} ALTER COLUMN id SET DEFAULT uuidv7()",
            f"ALTER TABLE {table} ALTER COLUMN id DROP DEFAULT",
        )
        for table in tables
    ]


def refuse_change(table: str, *, when: str, sentence: str, allow: str = "") -> migrations.RunSQL:
    """A trigger that refuses UPDATE and DELETE of rows for which `when` (on OLD) is true.

    `allow` is a condition on OLD and NEW under which an UPDATE passes all the same.
    """
    passes = f"IF TG_OP = 'UPDATE' AND ({allow}) THEN RETURN NEW; END IF;" if allow else ""
    return migrations.RunSQL(
        f"""
        CREATE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            {passes}
            RAISE EXCEPTION '{sentence}' USING ERRCODE = 'integrity_constraint_violation';
        END $$;
        CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table}
            FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {table}_frozen();
        """,
        f"DROP TRIGGER {table}_frozen ON {table}; DROP FUNCTION {table}_frozen();",
    )


def frozen_save_by_law(table: str, *, when: str) -> migrations.RunSQL:
    """Let the functions of redaction and disposal pass a trigger of `refuse_change`; nobody else.

    `when` is what it was given. `rights_rewriting` says whether such a function is at work.
    """

    def again(condition: str) -> str:
        return (
            f"DROP TRIGGER {table}_frozen ON {table};"
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE OR DELETE ON {table}"
            f" FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION {table}_frozen();"
        )

    return migrations.RunSQL(
        again(f"({when}) AND NOT rights_rewriting(OLD.learner_id)"), again(when)
    )
