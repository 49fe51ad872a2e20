"""Who is no second setting any more has no right of one left over."""

from django.db import migrations

# Not by `because_id`: a successor has its predecessor's right, with an enrolment of its own.
LEFT_OVER = """
    UPDATE learners_learneraccess a SET ends_on = greatest(CURRENT_DATE, a.starts_on)
    WHERE a.reason = 'also there' AND a.ends_on IS NULL AND NOT EXISTS (
        SELECT FROM learners_enrolment e
        WHERE e.learner_id = a.learner_id AND e.setting_id = a.grantee_id AND e.kind <> 'main'
            AND (e.ends_on IS NULL OR e.ends_on > CURRENT_DATE))
"""


class Migration(migrations.Migration):
    """Rights that outlived the enrolment that gave them."""

    dependencies = [("learners", "0015_sealed")]

    operations = [migrations.RunSQL(LEFT_OVER, migrations.RunSQL.noop)]
