"""Rows that change in place keep what they were."""

from django.db import migrations

from apps.audit.history import keep


class Migration(migrations.Migration):
    """One trigger for each table."""

    dependencies = [("register", "0002_rules"), ("audit", "0004_history_and_chain")]

    operations = [
        keep("register_registerentry"),
    ]
