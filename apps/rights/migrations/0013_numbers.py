"""An account that is forgotten leaves no mobile number, and no message on its way."""

from importlib import import_module

from django.db import migrations

DISPOSE = import_module("apps.rights.migrations.0009_dispose").DISPOSE
BEFORE = (
    "CREATE OR REPLACE FUNCTION rights_forget_accounts("
    + DISPOSE.split("CREATE FUNCTION rights_forget_accounts(")[1].split("END $$;")[0]
    + "END $$;"
)
NOW = BEFORE.replace(
    "DELETE FROM accounts_unsentform",
    "DELETE FROM post_choice WHERE user_id = ANY (unused);\n"
    "        DELETE FROM post_message WHERE user_id = ANY (unused);\n"
    "        DELETE FROM accounts_unsentform",
)
assert NOW != BEFORE


class Migration(migrations.Migration):
    """The same function, with the tables that came since."""

    dependencies = [("rights", "0012_with_joined"), ("post", "0002_rules")]

    operations = [migrations.RunSQL(NOW, BEFORE)]
