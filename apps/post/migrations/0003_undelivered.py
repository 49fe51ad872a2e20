"""Whoever keeps a record learns which of the family no message reaches; nothing of what it said."""

from django.db import migrations

from apps.common import row_security as rs

# Of each person the last message that was sent or given up, by any channel.
UNDELIVERED = f"""
    CREATE FUNCTION post_undelivered(of_learner uuid) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF {rs.holds("of_learner")} THEN
            RETURN QUERY SELECT f.id FROM learners_familymember f
            WHERE f.learner_id = of_learner AND 'dead' = (
                SELECT m.state FROM post_message m
                WHERE m.user_id = f.user_id AND m.state IN ('sent', 'dead')
                ORDER BY m.claimed_at DESC LIMIT 1);
        END IF;
    END $$;
    REVOKE ALL ON FUNCTION post_undelivered FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION post_undelivered TO {rs.app()};
"""


class Migration(migrations.Migration):
    """The queue is the worker's; this says of it a yes or no a person."""

    dependencies = [("post", "0002_rules"), ("learners", "0013_family_rules")]

    operations = [migrations.RunSQL(UNDELIVERED, "DROP FUNCTION post_undelivered")]
