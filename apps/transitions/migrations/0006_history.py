"""Rows that change in place keep what they were."""

from django.db import migrations

from apps.audit.history import keep


class Migration(migrations.Migration):
    """One trigger for each table."""

    dependencies = [("transitions", "0005_successor"), ("audit", "0004_history_and_chain")]

    operations = [
        keep("transitions_transition"),
        keep("transitions_settlingin"),
        keep("transitions_query"),
        keep("transitions_package"),
        keep("transitions_dayone"),
    ]
