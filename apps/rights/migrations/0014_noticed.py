"""What was noticed is redacted and deleted like everything that somebody said."""

from django.db import migrations

from apps.common.migrations_sql import frozen_save_by_law


class Migration(migrations.Migration):
    """Lets the two functions pass the trigger that keeps it as it was said."""

    dependencies = [("rights", "0013_numbers"), ("reviews", "0019_noticing_rules")]

    operations = [frozen_save_by_law("reviews_noticing", when="true")]
