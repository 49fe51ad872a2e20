"""A setting that held the record reads the reviews of its time and those before, as signed off."""

from django.db import migrations

from apps.common import row_security as rs

REVIEW = f"""state = 'signed off' AND EXISTS (
    SELECT 1 FROM learners_recordholder h
    WHERE h.learner_id = reviews_review.learner_id AND h.setting_id = ANY ({rs.READ_LIST})
      AND (reviews_review.setting_id = h.setting_id OR h.ends_on IS NULL
           OR (reviews_review.signed_off_at AT TIME ZONE 'Europe/London')::date < h.ends_on))"""
# Asks for the holder's row as well: a family reads reviews, and no staff-only statement.
STATEMENT = f"""EXISTS (
    SELECT 1 FROM learners_recordholder h
    JOIN reviews_review r ON r.learner_id = h.learner_id
    WHERE h.learner_id = reviews_statement.learner_id AND h.setting_id = ANY ({rs.READ_LIST})
      AND r.number = reviews_statement.introduced_no AND r.state = 'signed off')"""


class Migration(migrations.Migration):
    """Two more ways to read, for rows of one's own time."""

    dependencies = [("reviews", "0004_history"), ("learners", "0008_held_before")]

    operations = [
        migrations.RunSQL(
            f"CREATE POLICY held ON reviews_review FOR SELECT TO {rs.app()} USING ({REVIEW});"
            f"CREATE POLICY held ON reviews_statement FOR SELECT TO {rs.app()} USING ({STATEMENT});",
            "DROP POLICY held ON reviews_review; DROP POLICY held ON reviews_statement;",
        ),
    ]
