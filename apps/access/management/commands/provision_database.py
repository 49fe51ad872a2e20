"""Make the database roles and their grants. Safe to repeat, and for two machines at once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import connections
from psycopg import sql

LOCK = 7_261_845_001


class Command(BaseCommand):
    """Makes the app and audit roles as the owner, and what each may do in this database.

    The owner must be able to make roles (CREATEROLE); it is no superuser. Roles that an operator
    has made already are left as they are.
    """

    help = "Make the database roles and grants (connects as the owner; safe to repeat)."

    def handle(self, *args: Any, **options: Any) -> None:
        """Run under a lock, so that two deployments do not collide."""
        roles = {k: sql.Identifier(str(v)) for k, v in settings.DATABASE_ROLES.items()}
        password = settings.DATABASES["default"].get("PASSWORD")
        with connections["owner"].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            try:
                for name in ("app", "audit"):
                    self._make_role(cursor, str(settings.DATABASE_ROLES[name]), name, password)
                for statement in GRANTS:
                    cursor.execute(sql.SQL(statement).format(**roles))
            finally:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        self.stdout.write("The database roles are in place.")

    def _make_role(self, cursor: Any, role: str, name: str, password: str | None) -> None:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
        if cursor.fetchone():
            return
        login = sql.SQL("LOGIN" if name == "app" else "NOLOGIN")
        cursor.execute(
            sql.SQL("CREATE ROLE {} {} NOSUPERUSER NOBYPASSRLS").format(sql.Identifier(role), login)
        )
        if name == "app" and password:
            cursor.execute(
                sql.SQL("ALTER ROLE {} PASSWORD {}").format(
                    sql.Identifier(role), sql.Literal(password)
                )
            )


GRANTS = [
    # The audit role owns its tables and functions; migrations step into it to make them.
    "GRANT {audit} TO {owner} WITH INHERIT TRUE, SET TRUE",
    "GRANT USAGE, CREATE ON SCHEMA public TO {audit}",
    "GRANT USAGE ON SCHEMA public TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
    "GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
    "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public "
    "GRANT USAGE, SELECT ON SEQUENCES TO {app}",
]
