"""A specialist speaks as one, and nobody else does, in the database too."""

from django.db import migrations

from apps.common import row_security as rs

TABLE = "reviews_contribution"
LEARNER = f"{TABLE}.learner_id"
ACTOR = "current_setting('lr.actor', true)"
OWN_MEMBER = (
    f"EXISTS (SELECT 1 FROM learners_familymember f WHERE f.id = {TABLE}.family_member_id"
    f" AND f.learner_id = {LEARNER} AND f.user_id::text = {ACTOR})"
)
OWN = f"(author_id IS NULL OR author_id::text = {ACTOR})"
FAMILY = f"""({rs.contributes(LEARNER)} AND voice IN ('family', 'learner')
    AND author_id::text = {ACTOR} AND {OWN_MEMBER})"""
NOW = f"""
    ({rs.contributes_as_staff(LEARNER)} AND voice = 'teacher' AND {OWN})
    OR ({rs.contributes_as_specialist(LEARNER)} AND voice = 'specialist' AND {OWN})
    OR {FAMILY}"""
BEFORE = f"""
    ({rs.contributes_as_organisation(LEARNER)} AND voice NOT IN ('family', 'learner') AND {OWN})
    OR {FAMILY}"""


def said(check: str) -> str:
    """The policy on adding a row, anew."""
    return (
        f"DROP POLICY said ON {TABLE};"
        f"CREATE POLICY said ON {TABLE} FOR INSERT TO {rs.app()} WITH CHECK ({check})"
    )


class Migration(migrations.Migration):
    """Whose voice it is follows from the row of learner access that lets them add."""

    dependencies = [
        ("reviews", "0008_open_review_of_learner"),
        ("learners", "0011_referrals"),
    ]

    operations = [migrations.RunSQL(said(NOW), said(BEFORE))]
