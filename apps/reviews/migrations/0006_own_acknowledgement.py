"""What one adult of a family says of a review is not for the others, in the database too."""

from django.db import migrations

from apps.common import row_security as rs

TABLE = "reviews_acknowledgement"
OWN = (
    "EXISTS (SELECT 1 FROM learners_familymember f"
    f" WHERE f.id = {TABLE}.family_member_id AND f.learner_id = {TABLE}.learner_id"
    " AND f.user_id::text = current_setting('lr.actor', true))"
)
LEARNER = f"{TABLE}.learner_id"
SEEN = f"{rs.reads_as_organisation(LEARNER)} OR ({rs.reads(LEARNER)} AND {OWN})"


class Migration(migrations.Migration):
    """Read by those who work with the learner, and by whoever said it."""

    dependencies = [("reviews", "0005_held_before")]

    operations = [
        migrations.RunSQL(
            f"DROP POLICY seen ON {TABLE};"
            f"CREATE POLICY seen ON {TABLE} FOR SELECT TO {rs.app()} USING ({SEEN})",
            f"DROP POLICY seen ON {TABLE};"
            f"CREATE POLICY seen ON {TABLE} FOR SELECT TO {rs.app()} USING ({rs.reads(LEARNER)})",
        ),
    ]
