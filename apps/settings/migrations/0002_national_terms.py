"""National default term dates, so that a new service knows a calendar; and key defaults."""

from django.db import migrations

from apps.common.migrations_sql import key_defaults
from apps.common.models import new_id
from apps.settings.default_terms import national_default

FIRST, LAST = 2015, 2045


def add(apps, schema_editor):
    """Add the rows of every year."""
    model = apps.get_model("education_settings", "TermDate")
    rows = [model(id=new_id(), **v) for y in range(FIRST, LAST) for v in national_default(y)]
    model.objects.using(schema_editor.connection.alias).bulk_create(rows)


def remove(apps, schema_editor):
    """Take the national rows out again."""
    model = apps.get_model("education_settings", "TermDate")
    national = model.objects.using(schema_editor.connection.alias)
    national.filter(setting=None, group=None, local_area=None).delete()


class Migration(migrations.Migration):
    """Rows of TermDate without a place."""

    dependencies = [("education_settings", "0001_initial")]

    operations = [
        *key_defaults(
            "education_settings_localarea",
            "education_settings_settinggroup",
            "education_settings_setting",
            "education_settings_settingidentifier",
            "education_settings_settinglink",
            "education_settings_termdate",
        ),
        migrations.RunPython(add, remove),
    ]
