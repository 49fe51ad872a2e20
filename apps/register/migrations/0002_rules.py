"""Row-level security of the register."""

from django.db import migrations

from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults


class Migration(migrations.Migration):
    """A register entry is seen with the learner and kept by whoever holds the record."""

    dependencies = [("register", "0001_initial"), ("learners", "0002_rules")]

    operations = [
        *key_defaults("register_registerentry"),
        rs.learner_table("register_registerentry"),
    ]
