"""Whoever keeps a record takes back what others were told of it."""

from django.db import migrations

from apps.common import row_security as rs

TAKE_BACK = f"""
    CREATE FUNCTION notifications_take_back(recipients uuid[], of_learner uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF {rs.holds("of_learner")} THEN
            DELETE FROM notifications_notification
            WHERE recipient_id = ANY (recipients) AND learner_id = of_learner;
        END IF;
    END $$;
    REVOKE ALL ON FUNCTION notifications_take_back FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION notifications_take_back TO {rs.app()};
"""


class Migration(migrations.Migration):
    """A message is its recipient's alone; this removes it and shows nothing of it."""

    dependencies = [("notifications", "0002_rules"), ("learners", "0009_family_walls")]

    operations = [migrations.RunSQL(TAKE_BACK, "DROP FUNCTION notifications_take_back")]
