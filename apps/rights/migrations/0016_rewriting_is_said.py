"""Nobody rewrites what is signed because a setting was never set: unknown is no."""

from django.db import migrations

from apps.common import row_security as rs


def rewriting(said: str) -> str:
    return f"""
        CREATE OR REPLACE FUNCTION rights_rewriting(of_learner uuid) RETURNS boolean
        LANGUAGE sql STABLE AS $$
            SELECT current_user = '{rs.owner()}' AND {said} = of_learner::text
        $$;
    """


class Migration(migrations.Migration):
    """To the owner of the tables a trigger was open until a redaction ran on the connection."""

    dependencies = [("rights", "0015_follow_the_holder")]
    operations = [
        migrations.RunSQL(
            rewriting("coalesce(current_setting('lr.rewriting', true), '')"),
            rewriting("current_setting('lr.rewriting', true)"),
        )
    ]
