"""Row-level security of long work."""

from django.db import migrations

from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults


class Migration(migrations.Migration):
    """A job is its setting's, and the worker's while it is done."""

    dependencies = [("jobs", "0001_initial")]

    operations = [*key_defaults("jobs_job"), rs.organisation_table("jobs_job")]
