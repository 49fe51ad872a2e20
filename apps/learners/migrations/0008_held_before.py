"""A setting that held the record reads what it held, and nothing newer."""

from django.db import migrations

from apps.common import row_security as rs

HELD = (
    "EXISTS (SELECT 1 FROM learners_recordholder h"
    f" WHERE h.learner_id = learners_learner.id AND h.setting_id = ANY ({rs.READ_LIST}))"
)


class Migration(migrations.Migration):
    """Its own rows as holder say so; the right to read everything ends."""

    dependencies = [("learners", "0007_emergency")]

    operations = [
        migrations.RunSQL(
            "UPDATE learners_learneraccess SET ends_on = CURRENT_DATE"
            " WHERE reason = 'held the record before' AND ends_on IS NULL",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL(
            f"CREATE POLICY held ON learners_recordholder FOR SELECT TO {rs.app()}"
            f" USING (setting_id = ANY ({rs.READ_LIST}));"
            f"CREATE POLICY held ON learners_learner FOR SELECT TO {rs.app()} USING ({HELD});",
            "DROP POLICY held ON learners_learner; DROP POLICY held ON learners_recordholder;",
        ),
    ]
