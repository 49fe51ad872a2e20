"""A slip, a document added and one withdrawn cause a supplementary package, as a sign-off does."""

from django.db import migrations, models

RULE = """
    -- Reviews and documents know nothing of moves, so the database writes the outbox row, in the
    -- transaction of the change. What it is called in the row that changed: when it happened.
    CREATE FUNCTION transitions_queue_change() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        happened_at timestamptz := to_jsonb(NEW) ->> TG_ARGV[0];
    BEGIN
        INSERT INTO transitions_delivery (id, transition_id, learner_id, work, review_number,
            change_id, state, holder_id, receiver_id, not_before, attempts, last_error, created_at)
        SELECT uuidv7(), t.id, t.learner_id, 'package', r.last_number, NEW.id, 'queued',
            coalesce(t.from_setting_id, t.from_area_id), t.to_setting_id, happened_at, 0, '',
            happened_at
        FROM transitions_transition t
        JOIN reviews_learnerrecord r ON r.learner_id = t.learner_id
        WHERE t.learner_id = NEW.learner_id
          AND t.state IN ('shared', 'received', 'settling in', 'accepted');
        RETURN NULL;
    END $$;
    CREATE TRIGGER queue_change AFTER INSERT ON reviews_slip
        FOR EACH ROW EXECUTE FUNCTION transitions_queue_change('noted_at');
    CREATE TRIGGER queue_added AFTER INSERT ON documents_document
        FOR EACH ROW EXECUTE FUNCTION transitions_queue_change('added_at');
    CREATE TRIGGER queue_withdrawn AFTER UPDATE OF withdrawn_at ON documents_document
        FOR EACH ROW WHEN (OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL)
        EXECUTE FUNCTION transitions_queue_change('withdrawn_at');

    -- Several changes may be one package: each but a redaction's says something that is new.
    CREATE FUNCTION transitions_package_is_new() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NEW.content = (SELECT p.content FROM transitions_package p
                          WHERE p.transition_id = NEW.transition_id AND p.number < NEW.number
                          ORDER BY p.number DESC LIMIT 1)
        THEN
            RAISE EXCEPTION 'A package is handed over once.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER is_new BEFORE INSERT ON transitions_package
        FOR EACH ROW WHEN (NEW.redaction_id IS NULL)
        EXECUTE FUNCTION transitions_package_is_new();
"""
UNDO = """
    DROP TRIGGER is_new ON transitions_package;
    DROP FUNCTION transitions_package_is_new();
    DROP TRIGGER queue_withdrawn ON documents_document;
    DROP TRIGGER queue_added ON documents_document;
    DROP TRIGGER queue_change ON reviews_slip;
    DROP FUNCTION transitions_queue_change();
"""


class Migration(migrations.Migration):
    """What a piece of work is for, and triggers."""

    dependencies = [
        ("transitions", "0010_documents"),
        ("documents", "0005_handed_over"),
        ("reviews", "0022_slips"),
    ]
    operations = [
        migrations.AddField(
            model_name="delivery",
            name="change_id",
            field=models.UUIDField(
                null=True, verbose_name="the slip or document for which it follows"
            ),
        ),
        migrations.RemoveConstraint(model_name="delivery", name="delivery_once"),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.UniqueConstraint(
                condition=models.Q(("change_id", None)),
                fields=("transition", "work", "review_number"),
                name="delivery_once",
            ),
        ),
        migrations.RemoveConstraint(model_name="package", name="package_once_a_review"),
        migrations.AddConstraint(
            model_name="package",
            constraint=models.UniqueConstraint(
                condition=models.Q(("redaction_id__isnull", False)),
                fields=("transition", "redaction_id"),
                name="package_once_a_redaction",
            ),
        ),
        migrations.RunSQL(RULE, UNDO),
    ]
