"""Family and the young person add documents, read what they added, and withdraw it."""

from django.db import migrations, models

from apps.common import row_security as rs

TABLE = "documents_document"
OF = f"{TABLE}.learner_id"
OWN = f"{TABLE}.added_by_id::text = current_setting('lr.actor', true)"
FOR_ALL = f"{rs.reads_where(OF)} AND audience = 'everyone' AND withdrawn_at IS NULL"
BEFORE = f"({FOR_ALL}) OR {rs.reads_as_organisation(OF)} OR {rs.WORKER}"
STAFF_ADD = f"{rs.contributes_as_organisation(OF)} AND {OWN} AND withdrawn_at IS NULL"
STAFF_WITHDRAW = f"{rs.holds(OF)} OR ({rs.contributes_as_organisation(OF)} AND {OWN})"

# Who works with the learner adds as staff, everybody else who contributes as family. For everyone
# is for those alone who may know where the learner is: so is what they themselves add for everyone.
ADDS = f"""
    {rs.contributes(OF)} AND {OWN} AND withdrawn_at IS NULL
    AND from_family <> ({rs.contributes_as_organisation(OF)})
    AND (NOT from_family OR review_id IS NULL AND (audience = 'sender' OR {rs.reads_where(OF)}))
"""
WITHDRAWS = f"{rs.holds(OF)} OR ({rs.contributes(OF)} AND {OWN})"

TELL = f"""
    CREATE FUNCTION documents_tell_holder(document uuid, words text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        added documents_document;
    BEGIN
        SELECT * INTO added FROM documents_document d WHERE d.id = document
            AND d.from_family AND d.added_by_id::text = current_setting('lr.actor', true);
        IF added.id IS NULL OR NOT {rs.contributes("added.learner_id")} THEN
            RETURN;
        END IF;
        INSERT INTO notifications_notification
            (id, recipient_id, learner_id, kind, text, link, key, created_at)
        SELECT uuidv7(), holder, added.learner_id, 'document added', words,
            '/learners/' || added.learner_id || '/documents/',
            'document:' || added.id || ':' || holder, added.added_at
        FROM learners_recordholder h, coalesce(h.setting_id, h.local_area_id) holder
        WHERE h.learner_id = added.learner_id AND h.ends_on IS NULL
        ON CONFLICT DO NOTHING;
    END $$;
    REVOKE ALL ON FUNCTION documents_tell_holder FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION documents_tell_holder TO {rs.app()};
"""


def policies(adds: str, withdraws: str) -> str:
    """Who adds and who withdraws."""
    return (
        f"DROP POLICY added ON {TABLE}; DROP POLICY withdrawn ON {TABLE};"
        f"CREATE POLICY added ON {TABLE} FOR INSERT TO {rs.app()} WITH CHECK ({adds});"
        f"CREATE POLICY withdrawn ON {TABLE} FOR UPDATE TO {rs.app()}"
        f" USING (({withdraws}) AND withdrawn_at IS NULL) WITH CHECK ({withdraws});"
    )


class Migration(migrations.Migration):
    """A column, its constraints, and the policies."""

    dependencies = [
        ("documents", "0003_of_a_review"),
        ("learners", "0009_family_walls"),
        ("notifications", "0001_initial"),
    ]
    operations = [
        migrations.AddField(
            model_name="document",
            name="from_family",
            field=models.BooleanField(
                default=False, verbose_name="added by family or young person"
            ),
        ),
        migrations.AlterField(
            model_name="document",
            name="audience",
            field=models.CharField(
                choices=[
                    ("everyone", "Everyone with access"),
                    ("staff", "Staff only"),
                    ("sender", "Whoever added it, and those who work with the learner"),
                ],
                default="everyone",
                max_length=8,
            ),
        ),
        migrations.RemoveConstraint(model_name="document", name="staff_only_document_has_a_reason"),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("audience", "staff"), _negated=True)
                | models.Q(("audience_reason", ""), _negated=True),
                name="staff_only_document_has_a_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="document",
            constraint=models.CheckConstraint(
                condition=models.Q(("from_family", True))
                & models.Q(("audience", "staff"), _negated=True)
                | models.Q(("from_family", False))
                & models.Q(("audience", "sender"), _negated=True),
                name="document_audience_of_its_sender",
            ),
        ),
        rs.reread(TABLE, now=f"{BEFORE} OR ({rs.reads(OF)} AND {OWN})", before=BEFORE),
        migrations.RunSQL(policies(ADDS, WITHDRAWS), policies(STAFF_ADD, STAFF_WITHDRAW)),
        migrations.RunSQL(TELL, "DROP FUNCTION documents_tell_holder"),
    ]
