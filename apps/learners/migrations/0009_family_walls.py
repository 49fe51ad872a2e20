"""What one adult of a family may know of the others; and no name of a learner who has moved on."""

from django.db import migrations

from apps.common import row_security as rs

TABLE = "learners_familymember"
LEARNER = f"{TABLE}.learner_id"
OWN = f"({rs.reads(LEARNER)} AND user_id::text = current_setting('lr.actor', true))"
HELD = (
    "EXISTS (SELECT 1 FROM learners_recordholder h"
    f" WHERE h.learner_id = learners_learner.id AND h.setting_id = ANY ({rs.READ_LIST}))"
)


class Migration(migrations.Migration):
    """A former holder reads the name that its own signed record has, not what it is today."""

    dependencies = [("learners", "0008_held_before")]

    operations = [
        migrations.RunSQL(
            f"DROP POLICY seen ON {TABLE};"
            f"CREATE POLICY seen ON {TABLE} FOR SELECT TO {rs.app()}"
            f" USING ({rs.reads_as_organisation(LEARNER)} OR {OWN})",
            f"DROP POLICY seen ON {TABLE};"
            f"CREATE POLICY seen ON {TABLE} FOR SELECT TO {rs.app()} USING ({rs.reads(LEARNER)})",
        ),
        migrations.RunSQL(
            "DROP POLICY held ON learners_learner",
            f"CREATE POLICY held ON learners_learner FOR SELECT TO {rs.app()} USING ({HELD})",
        ),
    ]
