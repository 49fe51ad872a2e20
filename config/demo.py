"""The demo's supervisor: `python -m config.demo` runs everything under one command.

Every child is in a process group of its own and is told by the kernel when this process dies, so
that even a kill -9 here leaves nothing running. Ctrl-C stops web, beat, worker, Valkey and
PostgreSQL, in that order; data is kept.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from typing import IO

from config import embedded
from config.embedded import CHECKOUT, Postgres, Valkey, die_with_parent, stop_process

BIN = Path(sys.executable).parent
STATE = embedded.state_folder()
WAIT_FOR_WEB = 30


def say(text: str) -> None:
    """Print to the person at the terminal, at once."""
    print(text, flush=True)


def main() -> int:
    """Run the demo until it is interrupted."""
    port = int(os.environ.get("PORT", "8000"))
    lock = take_lock()
    if lock is None:
        say("The demo of this checkout is running already. Stop it first with Ctrl-C.")
        return 1
    if "--reset" in sys.argv:
        return reset()
    if not port_is_free(port):
        say(f"Port {port} is taken. Choose another: make demo PORT=8001")
        return 1
    signal.signal(signal.SIGTERM, interrupt)
    running: list[subprocess.Popen[bytes]] = []
    postgres, valkey = Postgres(STATE), Valkey(STATE)
    try:
        say("Starting PostgreSQL and Valkey …")
        postgres.start()
        valkey.start()
        prepare()
        running = start_children(port)
        wait_for_web(port, running)
        manage("seed_area", "--people")
        say(f"\nLearner Record is at http://localhost:{port}/   (Ctrl-C stops it; data is kept)\n")
        watch(running)
    except KeyboardInterrupt:
        say("\nStopping …")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for child in running:
            stop_process(child, signal.SIGTERM)
        valkey.stop()
        postgres.stop()
    return 0


def interrupt(number: int, frame: FrameType | None) -> None:
    """Treat SIGTERM as Ctrl-C."""
    raise KeyboardInterrupt


def take_lock() -> IO[str] | None:
    """One demo at a time per checkout; the lock goes with the process."""
    STATE.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = (STATE / "demo.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return None
    return lock


def reset() -> int:
    """Forget the demo's data: only what this project put into its own state folder."""
    for name in ("pg", "pg.log", "valkey.log", "secret", "prepared", "beat"):
        path = STATE / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    say("The demo's data is gone. `make demo` starts afresh.")
    return 0


def port_is_free(port: int) -> bool:
    """Whether nobody listens on this port here."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def prepare() -> None:
    """Bring the database, static files and data up to what the code is now; skip what is done."""
    stamp = STATE / "prepared"
    wanted = version()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Preparing the database …")
    manage("provision_database", quiet=True)
    manage("migrate", "--database", "owner", quiet=True)
    manage("collectstatic", "--noinput", quiet=True)
    manage("load_framework", quiet=True)
    say("Making up the demo area (once, about a minute) …")
    manage("seed_area", "--if-empty")
    stamp.write_text(wanted)


def version() -> str:
    """What the prepared data was made for: the newest change to migrations, data and styles."""
    kinds = ("apps/*/migrations/*.py", "apps/*/data/*", "static/**/*", "build/static/**/*")
    files = [f for kind in kinds for f in CHECKOUT.glob(kind)]
    return f"{CHECKOUT} {len(files)} {max(f.stat().st_mtime_ns for f in files)}"


def manage(*arguments: str, quiet: bool = False) -> None:
    """Run a management command; show what it says when it fails."""
    result = subprocess.run(
        [sys.executable, "-W", "ignore", str(CHECKOUT / "manage.py"), *arguments],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        check=False,
    )
    if result.returncode:
        if quiet:
            say(result.stdout.decode(errors="replace"))
        raise SystemExit(f"manage.py {arguments[0]} did not work; the demo stops.")


def start_children(port: int) -> list[subprocess.Popen[bytes]]:
    """Web, beat and worker, in the order in which they are stopped."""
    celery = [str(BIN / "celery"), "-A", "config", "--quiet"]
    commands = {
        "web": [str(BIN / "gunicorn"), "config.wsgi", "--bind", f"127.0.0.1:{port}"]
        + ["--workers", "2", "--threads", "4", "--preload", "--log-level", "warning"],
        "beat": [*celery, "beat", "--loglevel", "WARNING", "-s", str(STATE / "beat"), "--pidfile="],
        "worker": [*celery, "worker", "--loglevel", "WARNING", "--concurrency", "2"],
    }
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    children = []
    for name, command in commands.items():
        with (STATE / f"{name}.log").open("ab") as log:
            children.append(
                subprocess.Popen(
                    command,
                    cwd=CHECKOUT,
                    env=environment,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    preexec_fn=die_with_parent(signal.SIGTERM),
                )
            )
    return children


def wait_for_web(port: int, running: list[subprocess.Popen[bytes]]) -> None:
    """Until the web server answers; SystemExit when it does not."""
    deadline = time.monotonic() + WAIT_FOR_WEB
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            if any(child.poll() is not None for child in running):
                break
            time.sleep(0.05)
    raise SystemExit(f"The web server did not start: see {STATE}/web.log")


def watch(running: list[subprocess.Popen[bytes]]) -> None:
    """Until interrupted, or until a child stops by itself."""
    while all(child.poll() is None for child in running):
        time.sleep(0.5)
    say(f"A part of the demo stopped by itself: see the logs in {STATE}")


if __name__ == "__main__":
    raise SystemExit(main())
