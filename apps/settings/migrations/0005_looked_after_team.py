"""Each local area has a team for those whom it looks after, with a key of its own."""

from django.db import migrations, models

import apps.common.models

TABLE = "education_settings_localarea"


class Migration(migrations.Migration):
    """Add, fill with a key for each, then require: an area that is there has one at once."""

    dependencies = [("education_settings", "0004_history")]

    operations = [
        migrations.AddField(
            model_name="localarea",
            name="looked_after_team_id",
            field=models.UUIDField(default=apps.common.models.new_id, editable=False, null=True),
        ),
        migrations.RunSQL(
            f"ALTER TABLE {TABLE} ALTER COLUMN looked_after_team_id SET DEFAULT uuidv7();"
            f"UPDATE {TABLE} SET looked_after_team_id = uuidv7();"
            # What the update leaves for its end must be done before the column changes again.
            "SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED;",
            f"ALTER TABLE {TABLE} ALTER COLUMN looked_after_team_id DROP DEFAULT",
        ),
        migrations.AlterField(
            model_name="localarea",
            name="looked_after_team_id",
            field=models.UUIDField(default=apps.common.models.new_id, editable=False, unique=True),
        ),
    ]
