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
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import IO
from urllib.error import URLError

from config import embedded
from config.embedded import CHECKOUT, Postgres, Valkey, die_with_parent, stop_process

BIN = Path(sys.executable).parent
STATE = embedded.state_folder()
LOGS = {name: STATE / f"{name}.log" for name in ("web", "beat", "worker", "pg", "valkey")}
LEARNERS = os.environ.get("LEARNERS", "2500")  # on the made-up registers; 0: no area is made
ENVIRONMENT = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
WAIT_FOR_WEB = 30  # seconds

Child = subprocess.Popen[bytes]


def say(text: str) -> None:
    """Print to the person at the terminal, at once."""
    print(text, flush=True)


def main() -> int:
    """Run the demo until it is interrupted; 0 when a person stopped it."""
    port = int(os.environ.get("PORT", "8000"))
    if os.environ.get("DATABASE_URL"):
        say("The demo runs on servers of its own: unset DATABASE_URL. See docs/running.md.")
        return 1
    lock = take_lock()
    if lock is None:
        say("The demo of this checkout is running already. Stop it first with Ctrl-C.")
        return 1
    with lock:
        if "--reset" in sys.argv:
            return reset()
        if not port_is_free(port):
            say(f"Port {port} is taken. Choose another: make demo PORT={port + 1}")
            return 1
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, interrupt)
        return run(port)


def interrupt(number: int, frame: FrameType | None) -> None:
    """Treat SIGTERM as Ctrl-C, and Ctrl-C as that even where a shell has it ignored."""
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
    ours = [
        *LOGS.values(),
        *STATE.glob("beat*"),
        STATE / "documents",
        STATE / "mail",
        STATE / "pg",
        STATE / "secret",
        STATE / "prepared",
    ]
    for path in ours:
        if path.is_dir() and not path.is_symlink():
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


def run(port: int) -> int:
    """Start everything, watch it, stop it in the reverse order; nothing cuts the stopping short."""
    with ExitStack() as running:
        try:
            say("Starting PostgreSQL and Valkey …")
            for server in (Postgres(STATE), Valkey(STATE)):
                running.callback(server.stop)
                server.start()
            prepare()
            children = {}
            for name, command in commands(port).items():
                children[name] = start(name, command)
                running.callback(stop_process, children[name], signal.SIGTERM, seconds=5)
            wait_for_web(port, children["web"])
            say(f"\nLearner Record is at http://localhost:{port}/")
            manage("seed_area", "--people")
            say(f"\nE-mail that would be sent is in {STATE / 'mail'}")
            say("Ctrl-C stops it; the data is kept.\n")
            return watch(children)
        except KeyboardInterrupt:
            say("\nStopping …")
            return 0
        finally:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)


def prepare() -> None:
    """Bring the database, static files and data up to what the code is now; skip what is done."""
    stamp = STATE / "prepared"
    wanted = version()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say("Preparing the database …")
    manage("provision_database", quiet=True)
    manage("migrate", "--database", "owner", quiet=True)
    # Only what the pages use: the packages bring many megabytes more, slow to compress.
    manage("collectstatic", "--noinput", "--ignore=redoc", "--ignore=rest_framework", quiet=True)
    manage("load_framework", quiet=True)
    if LEARNERS != "0":
        say("Making up the demo area (once, about a minute) …")
        manage("seed_area", "--if-empty", "--learners", LEARNERS)
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
        env=ENVIRONMENT,
        stdout=subprocess.PIPE if quiet else None,
        stderr=subprocess.STDOUT if quiet else None,
        preexec_fn=die_with_parent(signal.SIGKILL),
        check=False,
    )
    if result.returncode:
        if quiet:
            say(result.stdout.decode(errors="replace"))
        raise SystemExit(f"manage.py {arguments[0]} did not work; the demo stops.")


def commands(port: int) -> dict[str, list[str]]:
    """What runs beside the servers, in the order of starting: the last is stopped first."""
    celery = [str(BIN / "celery"), "-A", "config", "--quiet"]
    return {
        "worker": [*celery, "worker", "--loglevel", "WARNING", "--concurrency", "2"],
        "beat": [*celery, "beat", "--loglevel", "WARNING", "-s", str(STATE / "beat"), "--pidfile="],
        "web": [str(BIN / "gunicorn"), "config.wsgi", "--bind", f"127.0.0.1:{port}"]
        + ["--workers", "2", "--threads", "4", "--preload", "--log-level", "warning"],
    }


def start(name: str, command: list[str]) -> Child:
    """One child in its own process group, writing to its own log.

    When this process is killed so is the child: what it had in hand is a row that is found again.
    """
    with LOGS[name].open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=CHECKOUT,
            env=ENVIRONMENT,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGKILL),
        )


def wait_for_web(port: int, web: Child) -> None:
    """Until the public page answers; SystemExit when it does not."""
    deadline = time.monotonic() + WAIT_FOR_WEB
    while time.monotonic() < deadline and web.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).close()
            return
        except (URLError, OSError):
            time.sleep(0.05)
    raise SystemExit(f"The web server did not start: see {LOGS['web']}")


def watch(children: dict[str, Child]) -> int:
    """Until interrupted, or until a child stops by itself, which is an error: 1."""
    while True:
        for name, child in children.items():
            if child.poll() is not None:
                say(f"The {name} stopped by itself: see {LOGS[name]}")
                return 1
        time.sleep(0.5)


if __name__ == "__main__":
    raise SystemExit(main())
