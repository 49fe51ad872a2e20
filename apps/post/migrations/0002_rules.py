"""Row-level security of messages; a message goes with its notification."""

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

CHOICE, MESSAGE, TOLD = "post_choice", "post_message", "notifications_notification"
OWN = f"{CHOICE}.user_id::text = current_setting('lr.actor', true)"

# What takes a notification back in the database takes its unsent messages too.
GOES_WITH_IT = f"""
    ALTER TABLE {MESSAGE} ADD CONSTRAINT goes_with_its_notification
        FOREIGN KEY (notification_id) REFERENCES {TOLD} (id) ON DELETE CASCADE;
"""
# The worker hands out what others were told; it reads them all and changes nothing else.
HANDED_OUT = f"""
    CREATE POLICY handed_out_seen ON {TOLD} FOR SELECT TO {rs.app()} USING ({rs.WORKER});
    CREATE POLICY handed_out ON {TOLD} FOR UPDATE TO {rs.app()}
        USING ({rs.WORKER} AND handed_out_at IS NULL) WITH CHECK ({rs.WORKER});
"""
# What was told before there was a way to send it is not sent now.
BEFORE = f"UPDATE {TOLD} SET handed_out_at = created_at"


class Migration(migrations.Migration):
    """Whose choice it is reads and changes it; the queue is the worker's."""

    dependencies = [
        ("post", "0001_initial"),
        ("notifications", "0004_handed_out"),
        ("audit", "0004_history_and_chain"),
    ]

    operations = [
        *key_defaults(CHOICE, MESSAGE),
        rs.protect(
            CHOICE,
            rs.policy("own", "ALL", using=OWN, check=OWN),
            rs.policy("worked", "SELECT", using=rs.WORKER),
        ),
        history.keep(CHOICE, learner="", without=("number",)),
        rs.protect(MESSAGE, rs.policy("worked", "ALL", using=rs.WORKER, check=rs.WORKER)),
        migrations.RunSQL(
            GOES_WITH_IT, f"ALTER TABLE {MESSAGE} DROP CONSTRAINT goes_with_its_notification"
        ),
        migrations.RunSQL(
            HANDED_OUT,
            f"DROP POLICY handed_out ON {TOLD}; DROP POLICY handed_out_seen ON {TOLD}",
        ),
        migrations.RunSQL(BEFORE, migrations.RunSQL.noop),
    ]
