"""A connection with an identity at a provider keeps what it was."""

from django.db import migrations

from apps.audit.history import keep


class Migration(migrations.Migration):
    """Whose it is and which; the address and time of the last sign-in change with each."""

    dependencies = [
        ("accounts", "0004_unsent_forms"),
        ("audit", "0004_history_and_chain"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
    ]

    operations = [
        keep("socialaccount_socialaccount", learner="", without=("extra_data", "last_login")),
    ]
