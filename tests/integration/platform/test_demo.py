"""The demo under one command: it starts, refuses a second, and leaves nothing running."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from config.embedded import CHECKOUT, state_folder
from tests.support.processes import Child, wait_until

pytestmark = pytest.mark.skipif(
    "DATABASE_URL" in os.environ, reason="the demo runs on servers of its own"
)
PARTS = {"postgres", "valkey-server", "gunicorn", "celery -A config --quiet worker", "beat"}
READY = "Ctrl-C stops it"


class Demo:
    """The real supervisor without a made-up area, in a folder that is kept between runs."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.said = folder.with_suffix(".out")

    def run(self, *arguments: str) -> Child:
        """Start the supervisor; what it says goes to a file."""
        own = {"LEARNER_RECORD_STATE": str(self.folder), "PORT": str(self.port), "LEARNERS": "0"}
        with self.said.open("wb") as said:
            return subprocess.Popen(
                [sys.executable, "-m", "config.demo", *arguments],
                cwd=CHECKOUT,
                env=os.environ | own,
                stdout=said,
                stderr=said,
            )

    def start(self) -> Child:
        """Start it and wait until it has said its address and answers there."""
        supervisor = self.run()
        wait_until(
            lambda: READY in self.said.read_text() or supervisor.poll() is not None, seconds=180
        )
        assert supervisor.poll() is None, self.said.read_text()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/") as page:
            assert page.status == 200
        return supervisor


def below(pid: int) -> dict[int, str]:
    """Every process that this one started, and those they started, with their command lines."""
    found = {}
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found[int(child)] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
        found |= below(int(child))
    return found


def alive(processes: dict[int, str]) -> dict[int, str]:
    """Those of the processes that still run."""
    return {pid: what for pid, what in processes.items() if Path(f"/proc/{pid}").exists()}


def test_it_starts_and_stops_and_a_kill_9_leaves_nothing_running() -> None:
    demo = Demo(state_folder() / "demo")
    supervisor = demo.start()
    family = below(supervisor.pid)
    assert {part for part in PARTS if part in " ".join(family.values())} == PARTS

    assert demo.run().wait(30) == 1
    assert "running already" in demo.said.read_text()

    supervisor.kill()
    supervisor.wait()
    wait_until(lambda: not alive(family), seconds=10, what="all of it to end")

    prepared = (demo.folder / "prepared").stat().st_mtime_ns
    supervisor = demo.start()
    # A second start prepares nothing again.
    assert (demo.folder / "prepared").stat().st_mtime_ns == prepared
    family = below(supervisor.pid)
    supervisor.send_signal(signal.SIGINT)
    assert supervisor.wait(60) == 0
    assert alive(family) == {}
    assert (demo.folder / "pg" / "PG_VERSION").exists()


def test_a_reset_forgets_the_demo_and_nothing_beside_it(tmp_path: Path) -> None:
    demo = Demo(tmp_path / "state")
    (demo.folder / "pg").mkdir()
    (demo.folder / "pg" / "PG_VERSION").touch()
    for name in ("beat.db", "prepared", "secret", "web.log", "of-somebody-else"):
        (demo.folder / name).touch()
    assert demo.run("--reset").wait(30) == 0
    assert {path.name for path in demo.folder.iterdir()} == {"demo.lock", "of-somebody-else"}
