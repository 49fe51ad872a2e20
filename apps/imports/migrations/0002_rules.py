"""Row-level security of imports."""

from django.db import migrations

from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults


class Migration(migrations.Migration):
    """An import is its setting's, and the worker's while it commits."""

    dependencies = [("imports", "0001_initial"), ("learners", "0002_rules")]

    operations = [
        *key_defaults("imports_import", "imports_importrow", "imports_identifiercheck"),
        rs.organisation_table("imports_import"),
        rs.organisation_table("imports_importrow"),
        rs.organisation_table("imports_identifiercheck"),
    ]
