"""Row-level security of notifications."""

from django.db import migrations

from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

MINE = f"notifications_notification.recipient_id = ANY ({rs.READ_LIST})"


class Migration(migrations.Migration):
    """A message is read by its recipient; anyone known may tell."""

    dependencies = [("notifications", "0001_initial")]

    operations = [
        *key_defaults("notifications_notification"),
        rs.protect(
            "notifications_notification",
            rs.policy("seen", "SELECT", using=MINE),
            rs.policy("told", "INSERT", check=rs.KNOWN),
            rs.policy("put_away", "UPDATE", using=MINE, check=MINE),
        ),
    ]
