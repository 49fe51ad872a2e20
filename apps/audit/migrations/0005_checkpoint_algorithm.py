"""A checkpoint names the algorithm of its signature, so that another can follow it."""

from django.conf import settings
from django.db import migrations, models

APP = settings.DATABASE_ROLES["app"]
AUDIT = settings.DATABASE_ROLES["audit"]

COLUMN = f"""
    SET LOCAL ROLE {AUDIT};
    ALTER TABLE audit_checkpoint ADD COLUMN algorithm varchar(40) NOT NULL DEFAULT '';
    RESET ROLE;
"""
NO_COLUMN = f"""
    SET LOCAL ROLE {AUDIT};
    ALTER TABLE audit_checkpoint DROP COLUMN algorithm;
    RESET ROLE;
"""
# Beside the one of five arguments, which a worker of the release before still calls.
APPEND = f"""
    CREATE FUNCTION audit_append_checkpoint(
        number bigint, digest bytea, made_at timestamptz, algorithm text, public_key bytea,
        signature bytea
    ) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        INSERT INTO audit_checkpoint (number, digest, made_at, algorithm, public_key, signature)
        VALUES (number, digest, made_at, algorithm, public_key, signature) ON CONFLICT DO NOTHING;
    $$;
    ALTER FUNCTION audit_append_checkpoint(bigint, bytea, timestamptz, text, bytea, bytea)
        OWNER TO {AUDIT};
    REVOKE ALL ON FUNCTION
        audit_append_checkpoint(bigint, bytea, timestamptz, text, bytea, bytea) FROM PUBLIC;
    SET LOCAL ROLE {AUDIT};
    GRANT EXECUTE ON FUNCTION
        audit_append_checkpoint(bigint, bytea, timestamptz, text, bytea, bytea) TO {APP};
    RESET ROLE;
"""
NO_APPEND = "DROP FUNCTION audit_append_checkpoint(bigint, bytea, timestamptz, text, bytea, bytea)"


class Migration(migrations.Migration):
    """Those before it name none: they are signed as they were."""

    dependencies = [("audit", "0004_history_and_chain")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(COLUMN, NO_COLUMN)],
            state_operations=[
                migrations.AddField(
                    model_name="checkpoint",
                    name="algorithm",
                    field=models.CharField(blank=True, max_length=40, db_default=""),
                ),
            ],
        ),
        migrations.RunSQL(APPEND, NO_APPEND),
    ]
