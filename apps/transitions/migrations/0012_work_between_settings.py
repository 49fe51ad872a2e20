"""The work of a move names documents and slips that a family may not read, and is not theirs."""

from django.db import migrations

from apps.common import row_security as rs

TABLE = "transitions_delivery"
OF = f"{TABLE}.learner_id"


class Migration(migrations.Migration):
    """Who reads of the work."""

    dependencies = [("transitions", "0011_after_sharing")]
    operations = [
        rs.reread(
            TABLE,
            now=f"{rs.WORKER} OR {rs.reads_as_organisation(OF)}",
            before=f"{rs.WORKER} OR {rs.reads_where(OF)}",
        )
    ]
