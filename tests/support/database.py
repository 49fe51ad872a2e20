"""Databases of the tests: one template made by the owner, a clone for each worker."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "test_template"
TESTS_ROLE = "learner_record_tests"


def digest() -> str:
    """What the template was made from: migrations, models' data, provisioning."""
    kinds = ("apps/*/migrations/*.py", "apps/framework/data/*.yaml", "apps/access/row_security.py")
    files = sorted(f for kind in kinds for f in ROOT.glob(kind))
    files += [ROOT / "apps/access/management/commands/provision_database.py"]
    return hashlib.sha256(b"".join(f.read_bytes() for f in files)).hexdigest()[:16]


def owner_connection(database: str = "template1") -> psycopg.Connection:
    """A connection as the owner, outside Django."""
    values = settings.DATABASES["owner"]
    return psycopg.connect(
        dbname=database,
        user=values["USER"],
        password=values.get("PASSWORD") or None,
        host=values["HOST"],
        port=values.get("PORT") or None,
        autocommit=True,
    )


def make_template() -> None:
    """Provision and migrate the template, unless it was made from the same files."""
    name = f"{TEMPLATE}_{digest()}"
    with owner_connection() as owner:
        found = owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if found:
            return
        owner.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier("building")))
        owner.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier("building")))
    with pointed_at("building"):
        call_command("provision_database", verbosity=0)
        _let_tests_be_app_and_owner()
        call_command("migrate", database="owner", verbosity=0)
        connections.close_all()
    with pointed_at("building"), as_owner_role():
        call_command("load_framework", verbosity=0)
    connections.close_all()
    with owner_connection() as owner:
        owner.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(
                sql.Identifier("building"), sql.Identifier(name)
            )
        )


def _let_tests_be_app_and_owner() -> None:
    """Only the cluster's administrator can make another role a member of the owner."""
    grant = sql.SQL("GRANT {}, {} TO {}").format(
        sql.Identifier(settings.DATABASE_ROLES["app"]),
        sql.Identifier(settings.DATABASE_ROLES["owner"]),
        sql.Identifier(TESTS_ROLE),
    )
    if settings.DEMO:
        from config.embedded import CLUSTER_ADMIN, Postgres, state_folder

        address = Postgres(state_folder()).url(CLUSTER_ADMIN, "template1")
        with psycopg.connect(address, autocommit=True) as admin:
            found = admin.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [TESTS_ROLE])
            if not found.fetchone():
                role = sql.Identifier(TESTS_ROLE)
                admin.execute(sql.SQL("CREATE ROLE {} LOGIN NOINHERIT").format(role))
            admin.execute(grant)


def clone(name: str) -> None:
    """A fresh database from the template."""
    with owner_connection() as owner:
        drop(name, owner)
        owner.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(f"{TEMPLATE}_{digest()}")
            )
        )


def drop(name: str, owner: psycopg.Connection) -> None:
    """Drop a database, whoever is still connected."""
    owner.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def point_at(name: str) -> None:
    """Have Django's connections use this database from now on."""
    connections.close_all()
    for alias in connections:
        connections[alias].settings_dict["NAME"] = name


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Use a database inside a block."""
    before = connection.settings_dict["NAME"]
    point_at(name)
    try:
        yield
    finally:
        point_at(before)


@contextmanager
def as_owner_role() -> Iterator[None]:
    """Step aside to the owner, whom every policy lets through, inside the same transaction.

    For factories: facts that a test starts from. Back to the app's role afterwards, errors too.
    """
    app = sql.Identifier(settings.DATABASE_ROLES["app"])
    owner = sql.Identifier(settings.DATABASE_ROLES["owner"])
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("SET ROLE {}").format(owner))
    try:
        yield
    finally:
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("SET ROLE {}").format(app))
