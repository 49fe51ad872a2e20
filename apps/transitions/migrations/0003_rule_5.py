"""Rule 5 of domain.md, held by the database: no handover is lost, none is said to be done."""

from django.conf import settings
from django.db import migrations, models

RULE = """
    CREATE FUNCTION transitions_state_is_true() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF OLD.state IN ('completed', 'redirected', 'withdrawn') AND NEW.state <> OLD.state THEN
            RAISE EXCEPTION 'A move that has ended stays as it ended.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NEW.state = 'completed' AND OLD.state <> 'completed' AND NOT EXISTS (
            SELECT 1 FROM learners_recordholder h WHERE h.learner_id = NEW.learner_id
                AND h.setting_id = NEW.to_setting_id AND h.ends_on IS NULL)
        THEN
            RAISE EXCEPTION 'A move is completed once the record has passed.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER state_is_true BEFORE UPDATE ON transitions_transition
        FOR EACH ROW EXECUTE FUNCTION transitions_state_is_true();

    -- Whoever has a destination has a row that will pass the record on the first day there.
    CREATE FUNCTION transitions_will_pass() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM transitions_delivery d
                       WHERE d.transition_id = NEW.id AND d.work = 'pass')
        THEN
            RAISE EXCEPTION 'A move with a destination has work that passes the record.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER will_pass AFTER INSERT OR UPDATE ON transitions_transition
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        WHEN (NEW.state IN ('named', 'shared', 'received', 'settling in', 'accepted'))
        EXECUTE FUNCTION transitions_will_pass();
"""
APP = settings.DATABASE_ROLES["app"]


class Migration(migrations.Migration):
    """Triggers; nobody deletes work or moves; completed means that it has a date."""

    dependencies = [("transitions", "0002_rules"), ("learners", "0003_one_upn")]
    operations = [
        migrations.RunSQL(
            RULE,
            "DROP TRIGGER will_pass ON transitions_transition;"
            "DROP FUNCTION transitions_will_pass();"
            "DROP TRIGGER state_is_true ON transitions_transition;"
            "DROP FUNCTION transitions_state_is_true();",
        ),
        migrations.RunSQL(
            "DROP POLICY dropped ON transitions_delivery;"
            f"REVOKE DELETE ON transitions_delivery, transitions_transition FROM {APP};",
            f"GRANT DELETE ON transitions_delivery, transitions_transition TO {APP};",
        ),
        migrations.AddConstraint(
            model_name="transition",
            constraint=models.CheckConstraint(
                condition=models.Q(state="completed", completed_at__isnull=False)
                | (~models.Q(state="completed") & models.Q(completed_at=None)),
                name="completed_has_a_date",
            ),
        ),
    ]
