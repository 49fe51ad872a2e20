"""Rows that change in place keep what they were."""

from django.db import migrations

from apps.audit.history import keep


class Migration(migrations.Migration):
    """One trigger for each table."""

    dependencies = [("framework", "0001_initial"), ("audit", "0004_history_and_chain")]

    operations = [
        keep("framework_frameworkversion", learner=""),
        keep("framework_area", learner=""),
        keep("framework_level", learner=""),
        keep("framework_descriptor", learner=""),
        keep("framework_practiceguide", learner=""),
        keep("framework_practiceguide_boxes", learner=""),
    ]
