"""What is done to a record is done to those that were joined to it: nobody else could."""

from django.db import migrations

from apps.common import row_security as rs

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
# Whoever works with a record reads the earlier ones through it, and proposes to redact them there.
EARLIER = f"""
    CREATE FUNCTION rights_stands_earlier(of_learner uuid, words text) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        RETURN {rs.reads_as_organisation("of_learner")} AND EXISTS (
            SELECT FROM rights_all_of(of_learner) AS w(whose),
                LATERAL rights_found(w.whose, words, '') f
            WHERE w.whose <> of_learner);
    END $$;
    -- Whether something about this record has to be settled before it can become another's.
    CREATE FUNCTION rights_unsettled(of_learner uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        RETURN {rs.reads_as_organisation("of_learner")} AND (
            rights_held_back(of_learner) OR EXISTS (
                SELECT FROM rights_decision d
                WHERE d.learner_id = of_learner AND d.state = 'waiting'));
    END $$;
    REVOKE ALL ON FUNCTION rights_stands_earlier FROM PUBLIC;
    REVOKE ALL ON FUNCTION rights_unsettled FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION rights_stands_earlier, rights_unsettled TO {rs.app()};
"""
ALONE = """
    CREATE OR REPLACE FUNCTION rights_all_of(learner uuid) RETURNS SETOF uuid LANGUAGE sql STABLE
    SET search_path = public, pg_temp AS $$ SELECT learner $$;
"""


class Migration(migrations.Migration):
    """Nobody else could decide about a joined record: it is read through the one that goes on."""

    dependencies = [("rights", "0011_where"), ("lives", "0002_rules")]

    operations = [
        migrations.RunSQL(ALL_OF, ALONE),
        migrations.RunSQL(
            EARLIER, "DROP FUNCTION rights_stands_earlier; DROP FUNCTION rights_unsettled;"
        ),
    ]
