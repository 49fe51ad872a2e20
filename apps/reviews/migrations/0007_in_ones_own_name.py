"""Nobody speaks in another's name, in the database too."""

from django.db import migrations

from apps.common import row_security as rs

ACTOR = "current_setting('lr.actor', true)"


def own_member(table: str) -> str:
    """The condition that a row's family member is the person who asks."""
    return (
        f"EXISTS (SELECT 1 FROM learners_familymember f WHERE f.id = {table}.family_member_id"
        f" AND f.learner_id = {table}.learner_id AND f.user_id::text = {ACTOR})"
    )


SAID = "reviews_contribution"
ANSWERED = "reviews_acknowledgement"
CONTRIBUTION = f"""
    ({rs.contributes_as_organisation(f"{SAID}.learner_id")}
        AND voice NOT IN ('family', 'learner')
        AND (author_id IS NULL OR author_id::text = {ACTOR}))
    OR ({rs.contributes(f"{SAID}.learner_id")} AND voice IN ('family', 'learner')
        AND author_id::text = {ACTOR} AND {own_member(SAID)})"""
ACKNOWLEDGEMENT = f"{rs.contributes(f'{ANSWERED}.learner_id')} AND {own_member(ANSWERED)}"


def said(table: str, check: str) -> migrations.RunSQL:
    """Replace who may add a row."""
    before = rs.contributes(f"{table}.learner_id")
    return migrations.RunSQL(
        f"DROP POLICY said ON {table};"
        f"CREATE POLICY said ON {table} FOR INSERT TO {rs.app()} WITH CHECK ({check})",
        f"DROP POLICY said ON {table};"
        f"CREATE POLICY said ON {table} FOR INSERT TO {rs.app()} WITH CHECK ({before})",
    )


class Migration(migrations.Migration):
    """Contributions and acknowledgements are their author's."""

    dependencies = [
        ("reviews", "0006_own_acknowledgement"),
        ("learners", "0009_family_walls"),
    ]

    operations = [said(SAID, CONTRIBUTION), said(ANSWERED, ACKNOWLEDGEMENT)]
