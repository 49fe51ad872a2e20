"""One UPN is never two learners: the rule for former numbers, and for two writers at once."""

from django.db import migrations

FUNCTION = """
    CREATE OR REPLACE FUNCTION learners_one_upn_one_learner() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        written jsonb := to_jsonb(NEW);
        number text := coalesce(written ->> 'upn', written ->> 'value');
        whose uuid := coalesce(written ->> 'learner_id', written ->> 'id');
    BEGIN
        IF number IS NULL OR written ->> 'kind' <> 'upn' THEN
            RETURN NEW;
        END IF;
        -- Whoever else writes this number waits until this transaction is done.
        PERFORM pg_advisory_xact_lock(hashtextextended(number, 0));
        IF EXISTS (SELECT 1 FROM learners_learner l WHERE l.upn = number AND l.id <> whose)
            OR EXISTS (SELECT 1 FROM learners_formeridentifier f
                       WHERE f.kind = 'upn' AND f.value = number AND f.learner_id <> whose
                         -- A former number that passes to another record is not against itself.
                         AND f.id::text <> written ->> 'id')
        THEN
            RAISE EXCEPTION 'One UPN is never two learners.' USING ERRCODE = 'unique_violation';
        END IF;
        RETURN NEW;
    END $$;
"""


class Migration(migrations.Migration):
    """Replaces the function; the one before it failed on every former number."""

    dependencies = [("learners", "0002_rules")]
    operations = [migrations.RunSQL(FUNCTION, migrations.RunSQL.noop)]
