"""A record that is deleted takes with it the records that were joined to it."""

from django.db import migrations

ALL_OF = """
    CREATE OR REPLACE FUNCTION rights_all_of(learner uuid) RETURNS SETOF uuid LANGUAGE sql STABLE
    SET search_path = public, pg_temp AS $$
        WITH RECURSIVE joined AS (
            SELECT learner AS id
            UNION
            SELECT c.learner_id FROM lives_closure c JOIN joined j ON c.into_id = j.id
            WHERE c.because = 'joined' AND c.undone_at IS NULL)
        SELECT id FROM joined
    $$;
"""
ALONE = """
    CREATE OR REPLACE FUNCTION rights_all_of(learner uuid) RETURNS SETOF uuid LANGUAGE sql STABLE
    SET search_path = public, pg_temp AS $$ SELECT learner $$;
"""


class Migration(migrations.Migration):
    """Nobody else could decide about a joined record: it is read through the one that goes on."""

    dependencies = [("rights", "0011_where"), ("lives", "0002_rules")]

    operations = [migrations.RunSQL(ALL_OF, ALONE)]
