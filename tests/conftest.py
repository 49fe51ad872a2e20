"""One PostgreSQL and one Valkey for the whole run; a database of its own for each worker."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest
from django.test.testcases import LiveServerThread
from hypothesis import settings
from pytest_django import DjangoDbBlocker
from pytest_django.plugin import blocking_manager_key

from tests.support import database, processes, servers

_run = ExitStack()

# The same examples in every run, so that a red one is about what was changed; `make assure` seeks
# new ones.
settings.register_profile("same", derandomize=True)
if "EVER_NEW" not in os.environ:
    settings.load_profile("same")


def pytest_sessionstart(session: pytest.Session) -> None:
    """Before any worker starts, start the servers and make the template database."""
    if hasattr(session.config, "workerinput"):
        return
    _run.enter_context(servers.running())
    with session.config.stash[blocking_manager_key].unblock():
        database.make_template()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers last."""
    _run.close()


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """A test talks to this machine and to nobody else."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: object) -> None:
        inet = self.family in {socket.AF_INET, socket.AF_INET6}
        if inet and address[0] not in {"127.0.0.1", "::1", "localhost"}:  # type: ignore[index]
            raise RuntimeError(f"A test tried to reach {address}.")
        connect(self, address)  # type: ignore[arg-type]

    patch = pytest.MonkeyPatch()
    patch.setattr(socket.socket, "connect", connect_here)
    yield
    patch.undo()


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A clone of the template for this worker; pytest-django would make one as Django does."""
    from django.conf import settings

    name = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock():
        database.clone(name)
    yield


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[str]:
    """A database for one test that commits: a clone of its own, dropped afterwards."""
    assert not request.node.get_closest_marker("django_db"), (
        "A test that commits is in no transaction: take the django_db mark from it."
    )
    name = f"test_{uuid4().hex[:12]}"
    with django_db_blocker.unblock():
        database.clone(name)
        with database.pointed_at(name):
            yield name
        database.drop(name)


@pytest.fixture
def live(fresh_database: str) -> Iterator[str]:
    """A web server in this process on the fresh database; gives its address."""
    from django.contrib.staticfiles.handlers import StaticFilesHandler

    thread = LiveServerThread("127.0.0.1", StaticFilesHandler)
    thread.daemon = True
    thread.start()
    thread.is_ready.wait()
    if thread.error:
        raise thread.error
    yield f"http://localhost:{thread.port}"
    thread.terminate()


@pytest.fixture
def worker(fresh_database: str) -> Iterator[processes.Child]:
    """A real Celery worker on the fresh database, with a queue that no other test uses."""
    with processes.celery_worker(LEARNER_RECORD_TEST_DATABASE=fresh_database) as child:
        yield child


@pytest.fixture(autouse=True)
def _own_clock() -> Iterator[None]:
    """A test that shifted the clock leaves today to the next one."""
    from apps.common import clock

    clock.set_shift(0)
    yield
    clock.set_shift(0)
