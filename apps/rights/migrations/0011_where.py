"""In what words were redacted, a package or a move, tells where a learner is: not for everybody."""

from django.db import migrations

from apps.common import row_security as rs

TABLE = "rights_resealed"
HELD = (
    f"EXISTS (SELECT FROM learners_recordholder h WHERE h.learner_id = {TABLE}.learner_id"
    f" AND h.setting_id = ANY ({rs.READ_LIST}))"
)


class Migration(migrations.Migration):
    """Who reads where words were redacted."""

    dependencies = [("rights", "0010_may_know_where"), ("learners", "0013_family_rules")]

    operations = [
        rs.reread(
            TABLE,
            now=f"{rs.reads_where(f'{TABLE}.learner_id')} OR {HELD}",
            before=f"{rs.reads(f'{TABLE}.learner_id')} OR {HELD}",
        ),
    ]
