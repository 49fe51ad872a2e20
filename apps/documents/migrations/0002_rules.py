"""Who reads, adds and withdraws documents; nothing else of one ever changes."""

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "documents_document"
OF = f"{TABLE}.learner_id"
OWN = f"{TABLE}.added_by_id::text = current_setting('lr.actor', true)"
FOR_ALL = f"{rs.reads_where(OF)} AND audience = 'everyone' AND withdrawn_at IS NULL"
WITHDRAWS = f"{rs.holds(OF)} OR ({rs.contributes_as_organisation(OF)} AND {OWN})"
WITHDRAWAL = "withdrawn_at, withdrawn_by_id, withdrawn_because"


class Migration(migrations.Migration):
    """Family read what is for everyone; those who work with the learner read all of it."""

    dependencies = [("documents", "0001_initial"), ("audit", "0006_hidden_and_emptied")]

    operations = [
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy(
                "seen",
                "SELECT",
                using=f"({FOR_ALL}) OR {rs.reads_as_organisation(OF)} OR {rs.WORKER}",
            ),
            rs.policy(
                "added",
                "INSERT",
                check=f"{rs.contributes_as_organisation(OF)} AND {OWN} AND withdrawn_at IS NULL",
            ),
            rs.policy(
                "withdrawn",
                "UPDATE",
                using=f"({WITHDRAWS}) AND withdrawn_at IS NULL",
                check=WITHDRAWS,
            ),
        ),
        rs.read_only(TABLE),
        migrations.RunSQL(
            f"GRANT UPDATE ({WITHDRAWAL}) ON {TABLE} TO {rs.app()}",
            f"REVOKE UPDATE ({WITHDRAWAL}) ON {TABLE} FROM {rs.app()}",
        ),
        history.keep(TABLE),
    ]
