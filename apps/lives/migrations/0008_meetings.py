"""No meeting about a learner whose record is closed."""

from django.db import migrations


class Migration(migrations.Migration):
    """The trigger of `0002_rules`, on the table that came since."""

    dependencies = [("lives", "0007_noticed"), ("reviews", "0021_meeting_rules")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER refuse_closed BEFORE INSERT ON reviews_meeting"
            " FOR EACH ROW EXECUTE FUNCTION lives_refuse_closed();",
            "DROP TRIGGER refuse_closed ON reviews_meeting;",
        )
    ]
