"""What the two settings of a move say to each other is not the family's, nor is the package."""

from django.db import migrations

from apps.common import row_security as rs


def between_settings(table: str) -> migrations.RunSQL:
    """Read and written by organisations alone."""
    learner = f"{table}.learner_id"
    reads, writes = rs.reads_as_organisation(learner), rs.contributes_as_organisation(learner)
    return _policies(table, reads, writes)


def _policies(table: str, reads: str, writes: str) -> migrations.RunSQL:
    learner = f"{table}.learner_id"
    return migrations.RunSQL(
        _drop(table) + _create(table, reads, writes),
        _drop(table) + _create(table, rs.reads(learner), rs.contributes(learner)),
    )


def _drop(table: str) -> str:
    return "".join(f"DROP POLICY {p} ON {table};" for p in ("seen", "added", "changed", "removed"))


def _create(table: str, reads: str, writes: str) -> str:
    return (
        f"CREATE POLICY seen ON {table} FOR SELECT TO {rs.app()} USING ({reads});"
        f"CREATE POLICY added ON {table} FOR INSERT TO {rs.app()} WITH CHECK ({writes});"
        f"CREATE POLICY changed ON {table} FOR UPDATE TO {rs.app()}"
        f" USING ({writes}) WITH CHECK ({writes});"
        f"CREATE POLICY removed ON {table} FOR DELETE TO {rs.app()} USING ({writes});"
    )


PACKAGE = "transitions_package.learner_id"
MOVE = "transitions_transition"
# A family is told that something was sent, where to and when, but the package itself may have the
# words of another adult, and what is for staff only.
TOLD = f"""
    CREATE FUNCTION transitions_told(of_learner uuid) RETURNS TABLE (
        made_at timestamptz, review_number integer, number integer, sent_to text,
        opened_at timestamptz
    ) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    BEGIN
        IF {rs.reads("of_learner")} THEN
            RETURN QUERY
            SELECT p.made_at, p.review_number, p.number::integer, s.name::text, t.received_at
            FROM transitions_package p JOIN transitions_transition t ON t.id = p.transition_id
            JOIN education_settings_setting s ON s.id = t.to_setting_id
            WHERE p.learner_id = of_learner ORDER BY p.made_at DESC;
        END IF;
    END $$;
    REVOKE ALL ON FUNCTION transitions_told FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION transitions_told TO {rs.app()};
"""


class Migration(migrations.Migration):
    """The family reads that there is a move; the rest is between those who carry it out."""

    dependencies = [("transitions", "0006_history"), ("learners", "0009_family_walls")]

    operations = [
        between_settings("transitions_settlingin"),
        between_settings("transitions_dayone"),
        between_settings("transitions_query"),
        migrations.RunSQL(
            "DROP POLICY seen ON transitions_package;"
            f"CREATE POLICY seen ON transitions_package FOR SELECT TO {rs.app()}"
            f" USING ({rs.reads_as_organisation(PACKAGE)})",
            "DROP POLICY seen ON transitions_package;"
            f"CREATE POLICY seen ON transitions_package FOR SELECT TO {rs.app()}"
            f" USING ({rs.reads(PACKAGE)})",
        ),
        _policies(
            MOVE,
            rs.reads(f"{MOVE}.learner_id"),
            rs.contributes_as_organisation(f"{MOVE}.learner_id"),
        ),
        migrations.RunSQL(TOLD, "DROP FUNCTION transitions_told"),
    ]
