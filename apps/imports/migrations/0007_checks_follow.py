"""A check of numbers follows its learner: into the record that goes on, to whoever holds that."""

from django.db import migrations, models

from apps.common import row_security as rs

# For the worker that settles checks and nobody else. No holder: the learner is with nobody now.
KEPT_BY = f"""
    CREATE FUNCTION imports_kept_by(of_learner uuid)
        RETURNS TABLE (learner_id uuid, holder_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        WITH RECURSIVE went AS (
            SELECT of_learner AS id
            UNION
            SELECT c.into_id FROM went JOIN lives_closure c ON c.learner_id = went.id
            WHERE c.because = 'joined' AND c.undone_at IS NULL)
        SELECT w.id, coalesce(
            (SELECT coalesce(h.setting_id, h.local_area_id) FROM learners_recordholder h
             WHERE h.learner_id = w.id AND h.ends_on IS NULL),
            (SELECT e.setting_id FROM learners_enrolment e
             WHERE e.learner_id = w.id AND e.ends_on IS NULL AND e.kind = 'main'))
        FROM went w
        WHERE {rs.WORKER} AND NOT EXISTS (
            SELECT 1 FROM lives_closure c
            WHERE c.learner_id = w.id AND c.because = 'joined' AND c.undone_at IS NULL)
    $$;
    REVOKE ALL ON FUNCTION imports_kept_by FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION imports_kept_by TO {rs.app()};
"""


class Migration(migrations.Migration):
    """Where a check's learner is now, and the state of a check whose learner nobody keeps."""

    dependencies = [("imports", "0006_existing_register"), ("lives", "0009_documents")]

    operations = [
        migrations.AlterField(
            model_name="identifiercheck",
            name="state",
            field=models.CharField(
                choices=[
                    ("waiting", "Being checked"),
                    ("clear", "The number is this learner's"),
                    ("move proposed", "A move was proposed"),
                    ("with area", "The local area is looking into it"),
                    ("gone", "The learner is with nobody now"),
                ],
                default="waiting",
                max_length=13,
            ),
        ),
        migrations.AlterField(
            model_name="identifiercheck",
            name="show_from",
            field=models.DateField(verbose_name="the day it is looked at, and the result is shown"),
        ),
        migrations.RunSQL(KEPT_BY, "DROP FUNCTION imports_kept_by(uuid);"),
    ]
