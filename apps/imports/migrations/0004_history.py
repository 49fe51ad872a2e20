"""Rows that change in place keep what they were."""

from django.db import migrations

from apps.audit.history import keep


class Migration(migrations.Migration):
    """One trigger for each table."""

    dependencies = [("imports", "0003_ctf"), ("audit", "0004_history_and_chain")]

    operations = [
        keep("imports_identifiercheck"),
    ]
