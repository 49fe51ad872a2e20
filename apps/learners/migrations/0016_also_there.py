"""Who is no second setting any more has no right of one left over; codes open after a move."""

from django.db import migrations

from apps.common import row_security as rs

# Not by `because_id`: a successor has its predecessor's right, with an enrolment of its own.
LEFT_OVER = """
    UPDATE learners_learneraccess a SET ends_on = greatest(CURRENT_DATE, a.starts_on)
    WHERE a.reason = 'also there' AND a.ends_on IS NULL AND NOT EXISTS (
        SELECT FROM learners_enrolment e
        WHERE e.learner_id = a.learner_id AND e.setting_id = a.grantee_id AND e.kind <> 'main'
            AND (e.ends_on IS NULL OR e.ends_on > CURRENT_DATE))
"""
# For a code that a family was given: whoever gave it may not know who keeps the record by now.
KEEPER = f"""
    CREATE FUNCTION learners_keeper(learner uuid) RETURNS uuid
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT coalesce(
            (SELECT coalesce(h.setting_id, h.local_area_id) FROM learners_recordholder h
             WHERE h.learner_id = learner AND h.ends_on IS NULL),
            (SELECT e.setting_id FROM learners_enrolment e
             WHERE e.learner_id = learner AND e.ends_on IS NULL AND e.kind = 'main'))
        WHERE {rs.WORKER}
    $$;
    REVOKE ALL ON FUNCTION learners_keeper FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION learners_keeper TO {rs.app()};
"""


class Migration(migrations.Migration):
    """Rights that outlived the enrolment that gave them; one function for the worker."""

    dependencies = [("learners", "0015_sealed")]

    operations = [
        migrations.RunSQL(LEFT_OVER, migrations.RunSQL.noop),
        migrations.RunSQL(KEEPER, "DROP FUNCTION learners_keeper(uuid);"),
    ]
