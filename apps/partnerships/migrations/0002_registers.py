"""What an officer's first page counts, in one reading of the area and not a question a learner."""

from django.db import migrations

from apps.common import row_security as rs

# An area's own key is in what the context reads for those who oversee it and for nobody else: they
# may open every learner counted here. Lines by setting and highest level, then by combination of
# levels.
REGISTERS = f"""
    CREATE FUNCTION partnerships_registers() RETURNS TABLE (
        setting_id uuid, highest_rank smallint, levels jsonb, learners bigint, overdue bigint
    ) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT r.setting_id, r.highest_rank, r.levels, count(*), count(v.id)
        FROM education_settings_setting s
        JOIN register_registerentry r ON r.setting_id = s.id AND r.ends_on IS NULL
            AND NOT r.also_here
        LEFT JOIN reviews_review v ON v.learner_id = r.learner_id AND v.state = 'open'
            AND v.due_on < {rs.TODAY}
        WHERE s.local_area_id = ANY ({rs.READ_LIST})
        GROUP BY GROUPING SETS ((r.setting_id, r.highest_rank), (r.levels))
    $$;
    REVOKE ALL ON FUNCTION partnerships_registers FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION partnerships_registers TO {rs.app()};
"""


class Migration(migrations.Migration):
    """One function, of those that a test lists by name."""

    dependencies = [("partnerships", "0001_figures")]

    operations = [migrations.RunSQL(REGISTERS, "DROP FUNCTION partnerships_registers")]
