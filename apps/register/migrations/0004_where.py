"""A line of a register says where a learner is: not for those from whom that is withheld."""

from django.db import migrations

from apps.common import row_security as rs

TABLE = "register_registerentry"


class Migration(migrations.Migration):
    """Who reads a register's lines."""

    dependencies = [("register", "0003_history"), ("learners", "0013_family_rules")]

    operations = [
        rs.reread(
            TABLE,
            now=rs.reads_where(f"{TABLE}.learner_id"),
            before=rs.reads(f"{TABLE}.learner_id"),
        )
    ]
