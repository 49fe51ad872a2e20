"""Rows that change in place keep what they were."""

from django.db import migrations

from apps.audit.history import keep


class Migration(migrations.Migration):
    """One trigger for each table."""

    dependencies = [("learners", "0003_one_upn"), ("audit", "0004_history_and_chain")]

    operations = [
        keep("learners_learner", learner="id"),
        keep("learners_teachinggroup", learner=""),
        keep("learners_formeridentifier"),
        keep("learners_familymember"),
        keep("learners_enrolment"),
        keep("learners_ehcplan"),
        keep("learners_censuscode"),
        keep("learners_learneraccess"),
        keep("learners_recordholder"),
        keep("learners_teachinggroupmember"),
    ]
