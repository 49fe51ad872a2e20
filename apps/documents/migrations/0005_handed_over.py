"""What was handed over is kept while a package names it, unless it has to go from there too."""

from django.db import migrations, models

from apps.common import row_security as rs

TABLE = "documents_document"
OF = f"{TABLE}.learner_id"
OWN = f"{TABLE}.added_by_id::text = current_setting('lr.actor', true)"
BEFORE = f"{rs.holds(OF)} OR ({rs.contributes(OF)} AND {OWN})"
# Out of what others were given: whoever keeps the record decides that.
NOW = f"{rs.holds(OF)} OR ({rs.contributes(OF)} AND {OWN} AND NOT withdrawn_everywhere)"


def withdrawn(check: str) -> str:
    """The policy that lets somebody withdraw."""
    return (
        f"DROP POLICY withdrawn ON {TABLE};"
        f"CREATE POLICY withdrawn ON {TABLE} FOR UPDATE TO {rs.app()}"
        f" USING (({BEFORE}) AND withdrawn_at IS NULL) WITH CHECK ({check});"
    )


class Migration(migrations.Migration):
    """Two columns; who sets them: a package's trigger, and whoever keeps the record."""

    dependencies = [("documents", "0004_of_family")]
    operations = [
        migrations.AddField(
            model_name="document",
            name="handed_over_at",
            field=models.DateTimeField(null=True, verbose_name="when it first went into a package"),
        ),
        migrations.AddField(
            model_name="document",
            name="withdrawn_everywhere",
            field=models.BooleanField(
                default=False, verbose_name="withdrawn from what was handed over too"
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("withdrawn_everywhere", False))
                | models.Q(("withdrawn_at__isnull", False)),
                name="withdrawn_everywhere_is_withdrawn",
            ),
        ),
        migrations.RunSQL(withdrawn(NOW), withdrawn(BEFORE)),
        migrations.RunSQL(
            f"GRANT UPDATE (withdrawn_everywhere) ON {TABLE} TO {rs.app()}",
            f"REVOKE UPDATE (withdrawn_everywhere) ON {TABLE} FROM {rs.app()}",
        ),
    ]
