"""A connection with an identity at a provider keeps what it was; nothing else comes from a table."""

from django.db import migrations

from apps.audit.history import keep
from apps.common import row_security as rs

# The library's: providers come from the settings, and no token of theirs is kept. It deletes what
# tokens there might be with a connection.
UNUSED = {
    "socialaccount_socialapp": "INSERT, UPDATE, DELETE",
    "socialaccount_socialtoken": "INSERT, UPDATE",
}


class Migration(migrations.Migration):
    """Whose it is and which; the address and time of the last sign-in change with each."""

    dependencies = [
        ("accounts", "0004_unsent_forms"),
        ("audit", "0004_history_and_chain"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        keep("socialaccount_socialaccount", learner="", without=("extra_data", "last_login")),
        *(
            migrations.RunSQL(
                f"REVOKE {rights} ON {table} FROM {rs.app()}",
                f"GRANT {rights} ON {table} TO {rs.app()}",
            )
            for table, rights in UNUSED.items()
        ),
    ]
