"""What a list said of a learner is for those alone who hold the record and choose the level."""

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "register_broughtover"
HOLDS = rs.holds(f"{TABLE}.learner_id")


class Migration(migrations.Migration):
    """Row-level security, and history; nobody deletes one."""

    dependencies = [("register", "0005_brought_over"), ("audit", "0006_hidden_and_emptied")]

    operations = [
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=HOLDS),
            rs.policy("brought", "INSERT", check=HOLDS),
            rs.policy("ended", "UPDATE", using=HOLDS, check=HOLDS),
        ),
        migrations.RunSQL(
            f"REVOKE DELETE, TRUNCATE ON {TABLE} FROM {rs.app()}",
            f"GRANT DELETE ON {TABLE} TO {rs.app()}",
        ),
        history.keep(TABLE),
    ]
