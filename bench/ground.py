"""The servers and the data that a measurement stands on: its own, kept for the next run."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from config import embedded

STATE = embedded.state_folder().with_name(embedded.state_folder().name + "-bench")


def use() -> None:
    """Have Django read this ground; before anything imports its settings."""
    os.environ["LEARNER_RECORD_STATE"] = str(STATE)
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"


@contextmanager
def running(learners: int) -> Iterator[embedded.Postgres]:
    """PostgreSQL and Valkey, with so many learners on registers; made once for each number, and
    again when the made-up country is another one.
    """
    postgres, valkey = embedded.Postgres(STATE), embedded.Valkey(STATE)
    with ExitStack() as stack:
        for server in (postgres, valkey):
            stack.callback(server.stop)
            server.start()
        stamp = STATE / "learners"
        wanted = f"{learners} {_country()}"
        if not stamp.exists() or stamp.read_text() != wanted:
            _make(postgres, learners)
            stamp.write_text(wanted)
        else:
            _manage("migrate", "--database", "owner", "-v", "0")
        _manage("collectstatic", "--noinput", "-v", "0")
        yield postgres


def _country() -> str:
    """Which made-up country: a digest of the code that makes it."""
    code = sorted((embedded.CHECKOUT / "apps" / "seeding").glob("england*.py"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in code)).hexdigest()[:12]


def _make(postgres: embedded.Postgres, learners: int) -> None:
    import psycopg

    admin = postgres.url(embedded.CLUSTER_ADMIN, "template1")
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {embedded.DATABASE} WITH (FORCE)")
    postgres._make_owner()
    _manage("provision_database")
    _manage("migrate", "--database", "owner", "-v", "0")
    _manage("load_framework")
    _manage("seed_england", "--learners", str(learners))


def _manage(*arguments: str) -> None:
    subprocess.run([sys.executable, "-W", "ignore", "manage.py", *arguments], check=True)
