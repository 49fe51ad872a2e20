"""Nobody is asked about a closed record, nor says whether its support happens."""

from django.db import migrations

TABLES = ("reviews_ask", "reviews_supportcheck", "reviews_supportseen")


class Migration(migrations.Migration):
    """As for what else is said of a learner (`0002_rules`)."""

    dependencies = [("lives", "0005_brought_over"), ("reviews", "0016_asking_rules")]

    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER refuse_closed BEFORE INSERT ON {table}"
            " FOR EACH ROW EXECUTE FUNCTION lives_refuse_closed();",
            f"DROP TRIGGER refuse_closed ON {table};",
        )
        for table in TABLES
    ]
