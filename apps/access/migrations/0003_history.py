"""Rows that change in place keep what they were."""

from django.db import migrations

from apps.audit.history import keep


class Migration(migrations.Migration):
    """One trigger for each table."""

    dependencies = [("access", "0002_api_clients"), ("audit", "0004_history_and_chain")]

    operations = [
        keep("access_membership", learner=""),
        keep("access_apiclient", learner=""),
        keep("access_apiclientgrant", learner=""),
        keep("access_invitation", without=("code_digest",)),
    ]
