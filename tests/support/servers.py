"""The servers of a test run: embedded ones of its own, unless DATABASE_URL names others."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import IO

from config.embedded import Postgres, Valkey, state_folder

_held: list[IO[str]] = []


def free_folder() -> Path:
    """The first folder for tests that no other run of this checkout is using; held until exit.

    So two runs at once have each their servers, and the demo keeps its data to itself.
    """
    for number in count(1):
        folder = Path(f"{state_folder()}-t{number}")
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            continue
        _held.append(lock)
        return folder
    raise AssertionError("unreachable")


@contextmanager
def running() -> Iterator[None]:
    """PostgreSQL and Valkey, started when this run needs its own."""
    if os.environ.get("DATABASE_URL"):
        yield
        return
    postgres, valkey = Postgres(state_folder()), Valkey(state_folder())
    try:
        postgres.start()
        valkey.start()
        yield
    finally:
        valkey.stop()
        postgres.stop()
