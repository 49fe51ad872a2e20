"""Rows that change in place keep what they were."""

from django.db import migrations

from apps.audit.history import keep


class Migration(migrations.Migration):
    """One trigger for each table."""

    dependencies = [
        ("education_settings", "0003_longer_link_types"),
        ("audit", "0004_history_and_chain"),
    ]

    operations = [
        keep("education_settings_localarea", learner=""),
        keep("education_settings_settinggroup", learner=""),
        keep("education_settings_setting", learner=""),
        keep("education_settings_settingidentifier", learner=""),
        keep("education_settings_settinglink", learner=""),
        keep("education_settings_termdate", learner=""),
    ]
