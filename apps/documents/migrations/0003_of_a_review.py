"""A document of a review is about the learner whose review it is, and came while it was open."""

from django.db import migrations

# Documents know nothing of reviews, so the database says it.
RULE = """
    CREATE FUNCTION documents_of_a_review() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        -- Locked, so that nobody signs the review off meanwhile.
        PERFORM FROM reviews_review r
            WHERE r.id = NEW.review_id AND r.learner_id = NEW.learner_id AND r.state = 'open'
            FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'A document is added to an open review of the same learner.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER of_a_review BEFORE INSERT OR UPDATE OF review_id, learner_id
        ON documents_document FOR EACH ROW WHEN (NEW.review_id IS NOT NULL)
        EXECUTE FUNCTION documents_of_a_review();
"""


class Migration(migrations.Migration):
    """A trigger on documents."""

    dependencies = [("documents", "0002_rules"), ("reviews", "0001_initial")]
    operations = [
        migrations.RunSQL(
            RULE,
            "DROP TRIGGER of_a_review ON documents_document;DROP FUNCTION documents_of_a_review();",
        )
    ]
