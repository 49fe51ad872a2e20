"""Real processes that a test starts and ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile

from config.celery import app
from config.embedded import CHECKOUT, die_with_parent, stop_process

Child = subprocess.Popen[bytes]


def wait_until(condition: Callable[[], object], *, seconds: float = 20, what: str = "it") -> None:
    """Poll until a condition holds; AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"Waited {seconds} s for {what} in vain."
        time.sleep(0.05)


@contextmanager
def celery_worker(*arguments: str, **environment: str) -> Iterator[Child]:
    """A Celery worker in a process group of its own, ready for work; its queue starts empty."""
    app.control.purge()
    command = [str(Path(sys.executable).with_name("celery")), "-A", "config", "worker"]
    options = ["--loglevel", "INFO", "--concurrency", "2", "--without-mingle", "--without-gossip"]
    with NamedTemporaryFile("w+b", suffix=".log") as log:
        child = subprocess.Popen(
            [*command, *options, *arguments],
            cwd=CHECKOUT,
            env={**os.environ, **environment},
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )

        def said() -> bytes:
            return Path(log.name).read_bytes()

        try:
            wait_until(
                lambda: b" ready." in said() or child.poll() is not None,
                seconds=90,  # five seconds on a quiet machine
                what="the worker",
            )
            assert child.poll() is None, said().decode(errors="replace")
            yield child
        finally:
            stop_process(child, signal.SIGTERM, seconds=5)
