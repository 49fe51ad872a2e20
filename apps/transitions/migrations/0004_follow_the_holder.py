"""Whoever comes to hold a record comes to hold its open moves, and the work that waits on them."""

from django.db import migrations

RULE = """
    -- Learners knows nothing of moves, so the database says it: with the record, in its transaction.
    CREATE FUNCTION transitions_follow_holder() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE transitions_delivery
        SET holder_id = coalesce(NEW.setting_id, NEW.local_area_id)
        WHERE learner_id = NEW.learner_id AND state IN ('queued', 'claimed');
        UPDATE transitions_transition
        SET from_setting_id = NEW.setting_id, from_area_id = NEW.local_area_id,
            version = version + 1
        WHERE learner_id = NEW.learner_id
            AND state NOT IN ('completed', 'redirected', 'withdrawn')
            AND to_setting_id IS DISTINCT FROM NEW.setting_id;
        RETURN NULL;
    END $$;
    CREATE TRIGGER follow_holder AFTER INSERT ON learners_recordholder
        FOR EACH ROW EXECUTE FUNCTION transitions_follow_holder();
"""


class Migration(migrations.Migration):
    """A trigger on the holders of records."""

    dependencies = [("transitions", "0003_rule_5"), ("learners", "0003_one_upn")]
    operations = [
        migrations.RunSQL(
            RULE,
            "DROP TRIGGER follow_holder ON learners_recordholder;"
            "DROP FUNCTION transitions_follow_holder();",
        )
    ]
