"""A document that a package names is marked as handed over, so that its file is kept."""

from django.db import migrations

# Documents know nothing of packages, so the database says it.
RULE = """
    CREATE FUNCTION transitions_documents_handed_over() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE documents_document d SET handed_over_at = NEW.made_at
        FROM jsonb_array_elements((NEW.content ->> 'documents.json')::jsonb) AS named
        WHERE d.id = (named ->> 'id')::uuid AND d.learner_id = NEW.learner_id
            AND d.handed_over_at IS NULL;
        RETURN NULL;
    END $$;
    CREATE TRIGGER documents_handed_over AFTER INSERT ON transitions_package
        FOR EACH ROW WHEN (NEW.content ? 'documents.json')
        EXECUTE FUNCTION transitions_documents_handed_over();
"""


class Migration(migrations.Migration):
    """A trigger on packages."""

    dependencies = [("transitions", "0009_sent_again"), ("documents", "0005_handed_over")]
    operations = [
        migrations.RunSQL(
            RULE,
            "DROP TRIGGER documents_handed_over ON transitions_package;"
            "DROP FUNCTION transitions_documents_handed_over();",
        )
    ]
