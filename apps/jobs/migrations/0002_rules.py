"""Row-level security of long work."""

from django.db import migrations

from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

HERE = f"jobs_job.setting_id = ANY ({rs.HOLD_LIST})"
# The worker acts as whoever asked, so that nobody asks in somebody else's name.
OWN = f"{HERE} AND jobs_job.asked_by_id::text = current_setting('lr.actor', true)"


class Migration(migrations.Migration):
    """A job is seen by its setting, asked for by whoever asks, and the worker's while it is done."""

    dependencies = [("jobs", "0001_initial")]

    operations = [
        *key_defaults("jobs_job"),
        rs.protect(
            "jobs_job",
            rs.policy("seen", "SELECT", using=HERE),
            rs.policy("asked", "INSERT", check=OWN),
            rs.policy("noted", "UPDATE", using=OWN, check=OWN),
            rs.policy("worked", "ALL", using=rs.WORKER),
        ),
    ]
