"""No document is added to a closed record, and nothing in it is put right any more."""

from django.db import migrations

TABLES = ("documents_document", "reviews_slip")


class Migration(migrations.Migration):
    """As for what else is said of a learner (`0002_rules`)."""

    dependencies = [
        ("lives", "0008_meetings"),
        ("documents", "0001_initial"),
        ("reviews", "0022_slips"),
    ]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER refuse_closed BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION lives_refuse_closed();",
            f"DROP TRIGGER refuse_closed ON {table};",
        )
        for table in TABLES
    ]
