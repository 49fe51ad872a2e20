"""Databases of the tests: one template made by the owner, a clone for each worker."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from psycopg.sql import SQL, Identifier

ROOT = Path(__file__).resolve().parents[2]
MADE_FROM = (
    "apps/*/migrations/*.py",
    "apps/*/data/*.yaml",
    "apps/access/management/commands/provision_database.py",
    "apps/common/row_security.py",
    "apps/common/migrations_sql.py",
    "apps/framework/actions.py",
    "apps/settings/default_terms.py",
)


def template_name() -> str:
    """The template's name: a digest of what it is made from, so that it is reused meanwhile."""
    files = sorted(file for kind in MADE_FROM for file in ROOT.glob(kind))
    digest = hashlib.sha256(b"".join(file.read_bytes() for file in files))
    return f"template_{digest.hexdigest()[:16]}"


def owner() -> AbstractContextManager[psycopg.Connection]:
    """A connection as the owner, to no database of ours."""
    return connected(settings.DATABASES["owner"], "template1")


@contextmanager
def connected(values: dict[str, Any], database: str) -> Iterator[psycopg.Connection]:
    """A connection with a login of the settings, outside Django and outside transactions."""
    with psycopg.connect(
        dbname=database,
        user=values["USER"],
        password=values.get("PASSWORD") or None,
        host=values["HOST"],
        port=values.get("PORT") or None,
        autocommit=True,
    ) as opened:
        yield opened


def make_template() -> None:
    """Provision and migrate the template, unless there is one of the same migrations."""
    name = template_name()
    with owner() as opened:
        found = opened.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'template\\____%'"
        )
        templates = [row[0] for row in found]
        if name in templates:
            return
        for old in [*templates, "building"]:
            _drop(opened, old)
        opened.execute("CREATE DATABASE building")
    with pointed_at("building"):
        call_command("provision_database", verbosity=0)
        with owner() as opened:
            # The owner made the app's role and so may let itself start in it; only tests do.
            app = Identifier(settings.DATABASE_ROLES["app"])
            opened.execute(SQL("GRANT {} TO CURRENT_USER WITH INHERIT FALSE, SET TRUE").format(app))
        call_command("migrate", database="owner", verbosity=0)
        call_command("load_framework", verbosity=0)
    with owner() as opened:
        opened.execute(SQL("ALTER DATABASE building RENAME TO {}").format(Identifier(name)))


def clone(name: str) -> None:
    """A fresh database from the template."""
    with owner() as opened:
        _drop(opened, name)
        opened.execute(
            SQL("CREATE DATABASE {} TEMPLATE {}").format(
                Identifier(name), Identifier(template_name())
            )
        )


def drop(name: str) -> None:
    """Drop a database, whoever is still connected."""
    with owner() as opened:
        _drop(opened, name)


def _drop(opened: psycopg.Connection, name: str) -> None:
    """Drop it; the server's own vacuum, which nobody but it may end, is waited for."""
    for last in (False,) * 50 + (True,):
        try:
            opened.execute(SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name)))
            return
        except psycopg.errors.InsufficientPrivilege:
            if last:
                raise
            time.sleep(0.2)


@contextmanager
def pointed_at(name: str) -> Iterator[None]:
    """Have Django's connections, of every thread, use another database inside a block."""
    before = connection.settings_dict["NAME"]
    _point_at(name)
    try:
        yield
    finally:
        _point_at(before)


def _point_at(name: str) -> None:
    connections.close_all()
    for alias in connections:
        connections.settings[alias]["NAME"] = name


@contextmanager
def as_owner() -> Iterator[None]:
    """Step aside to the owner, whom every policy lets through, inside the same transaction.

    For factories: facts that a test starts from. An error inside rolls the role back with the rest.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        before = Identifier(cursor.fetchone()[0])
        cursor.execute(
            SQL("SET LOCAL ROLE {}").format(Identifier(settings.DATABASE_ROLES["owner"]))
        )
        yield
        cursor.execute(SQL("SET LOCAL ROLE {}").format(before))
