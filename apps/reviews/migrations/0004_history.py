"""Rows that change in place keep what they were."""

from django.db import migrations

from apps.audit.history import keep


class Migration(migrations.Migration):
    """One trigger for each table."""

    dependencies = [("reviews", "0003_register_rule"), ("audit", "0004_history_and_chain")]

    operations = [
        keep("reviews_learnerrecord"),
        keep("reviews_review"),
        keep("reviews_contribution"),
        keep("reviews_acknowledgement"),
        keep("reviews_statement"),
        keep("reviews_progress"),
    ]
