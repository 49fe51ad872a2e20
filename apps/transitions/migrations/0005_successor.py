"""A setting's successor may what the setting might; moves on their way to it go to the successor."""

from django.conf import settings
from django.db import migrations

RULE = """
    -- What a setting may only read, or not see before it is shared, nobody's context could pass on.
    CREATE FUNCTION transitions_to_successor(old uuid, new uuid) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE today date := nullif(current_setting('lr.today', true), '')::date;
    BEGIN
        IF nullif(current_setting('lr.kind', true), '') IS DISTINCT FROM 'worker'
            OR NOT ARRAY[old, new] <@ coalesce(
                nullif(current_setting('lr.hold', true), '')::uuid[], '{}')
        THEN
            RAISE EXCEPTION 'Only the worker passes a setting''s moves on, for both settings.';
        END IF;
        INSERT INTO learners_learneraccess (id, learner_id, grantee_kind, grantee_id, access_right,
            reason, because_id, starts_on, ends_on)
        SELECT uuidv7(), a.learner_id, a.grantee_kind, new, a.access_right, a.reason, a.because_id,
            today, a.ends_on
        FROM learners_learneraccess a
        WHERE a.grantee_id = old AND (a.ends_on IS NULL OR a.ends_on > today);
        UPDATE learners_learneraccess SET ends_on = greatest(today, starts_on)
        WHERE grantee_id = old AND (ends_on IS NULL OR ends_on > today);
        UPDATE transitions_delivery d SET receiver_id = new
        FROM transitions_transition t
        WHERE t.id = d.transition_id AND d.receiver_id = old AND d.state IN ('queued', 'claimed')
            AND t.state NOT IN ('completed', 'redirected', 'withdrawn');
        UPDATE transitions_transition SET to_setting_id = new, version = version + 1
        WHERE to_setting_id = old AND state NOT IN ('completed', 'redirected', 'withdrawn');
    END $$;
"""
APP = settings.DATABASE_ROLES["app"]


class Migration(migrations.Migration):
    """One function, of those that a test lists by name."""

    dependencies = [("transitions", "0004_follow_the_holder")]
    operations = [
        migrations.RunSQL(
            RULE + "REVOKE ALL ON FUNCTION transitions_to_successor(uuid, uuid) FROM PUBLIC;"
            f"GRANT EXECUTE ON FUNCTION transitions_to_successor(uuid, uuid) TO {APP};",
            "DROP FUNCTION transitions_to_successor(uuid, uuid);",
        )
    ]
