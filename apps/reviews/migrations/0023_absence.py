"""A register says nothing of an area that nobody has judged: absence never means universal."""

from django.db import migrations

JUDGED = """
    EXISTS (
        SELECT FROM reviews_statement s
        JOIN framework_area a ON a.id = s.area_id
        WHERE s.learner_id = e.learner_id AND s.kind = 'need' AND s.withdrawn_no IS NULL
          AND a.code = said.key
    )
"""


class Migration(migrations.Migration):
    dependencies = [("reviews", "0022_slips"), ("register", "0007_saved_views")]

    operations = [
        migrations.RunSQL(
            f"""
            UPDATE register_registerentry e
            SET levels = coalesce(
                (SELECT jsonb_object_agg(key, value) FROM jsonb_each(e.levels) said WHERE {JUDGED}),
                '{{}}'
            )
            WHERE e.ends_on IS NULL
              AND EXISTS (SELECT FROM jsonb_each(e.levels) said WHERE NOT {JUDGED})
            """,
            reverse_sql=migrations.RunSQL.noop,
        )
    ]
