"""One PostgreSQL and one Valkey for the whole run; a database of its own for each worker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

_servers: list[object] = []


def pytest_configure(config: pytest.Config) -> None:
    """The controller starts the servers and makes the template before any worker starts."""
    if hasattr(config, "workerinput") or os.environ.get("DATABASE_URL"):
        return
    from config.embedded import Postgres, Valkey, state_folder

    folder = Path(state_folder())
    for server in (Postgres(folder), Valkey(folder)):
        server.start()
        _servers.append(server)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Make the template once."""
    if hasattr(session.config, "workerinput"):
        return
    from pytest_django.plugin import blocking_manager_key

    from tests.support import database

    with session.config.stash[blocking_manager_key].unblock():
        database.make_template()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers last."""
    for server in reversed(_servers):
        server.stop()  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker, worker_id: str) -> Iterator[None]:
    """A clone of the template for this worker; tests connect as the app's role."""
    from tests.support import database

    with django_db_blocker.unblock():
        database.clone(f"test_{worker_id}")
        database.point_at(f"test_{worker_id}")
    yield
    with django_db_blocker.unblock():
        from django.db import connections

        connections.close_all()
