"""No row of another's through a pool that hands one connection to everybody (goal R3).

PgBouncer in transaction mode, few server connections and many people; transactions that end well,
are aborted, or lose their server in the middle; some that forget to say who asks. `REQUESTS`
chooses the long form.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import mkdtemp
from uuid import UUID

import psycopg
import pytest
from django.db import transaction

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.access.permissions import Right
from apps.common import clock
from config.embedded import Postgres
from config.test_settings import APP_LOGIN
from tests import factories as make

REQUESTS = int(os.environ.get("REQUESTS", "2000"))
THREADS, SERVERS = 12, 4
BOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")

pytestmark = pytest.mark.skipif(
    BOUNCER is None or bool(os.environ.get("DATABASE_URL")),
    reason="PgBouncer is not installed, or the servers are not ours.",
)


@pytest.fixture
def pool(fresh_database: str) -> Iterator[int]:
    """The port of a pool before the fresh database, as the application's role."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # It does not run as root: as whoever the server runs as, who may use the server's socket.
    account = ["-u", let_in_the_servers_own_user()] if os.geteuid() == 0 else []
    folder = Path(mkdtemp())
    folder.chmod(0o755)
    settings = folder / "pgbouncer.ini"
    settings.write_text(
        f"[databases]\n{fresh_database} = host={APP_LOGIN['HOST']} user={APP_LOGIN['USER']}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {SERVERS}\nmax_client_conn = 100\n"
        "server_reset_query =\nunix_socket_dir =\n"
    )
    child = subprocess.Popen(
        [str(BOUNCER), "-q", *account, str(settings)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(100):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield port
    finally:
        child.terminate()
        child.wait()
        shutil.rmtree(folder)


def let_in_the_servers_own_user() -> str:
    """Let the user that the test's server runs as connect to it; gives their name."""
    data = Postgres(Path(APP_LOGIN["HOST"])).data
    user = data.owner()
    mapping = data / "pg_ident.conf"
    line = f"project {user} /^(.*)$ \\1\n"
    if line not in mapping.read_text():
        with mapping.open("a") as lines:
            lines.write(line)
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGHUP)
    return user


def people() -> list[tuple[Actor, set[UUID]]]:
    """SENCOs and parents of several schools, each with the learners whom they may see."""
    found: list[tuple[Actor, set[UUID]]] = []
    for _ in range(6):
        school = make.setting(make.local_area())
        learners = [make.learner(school) for _ in range(4)]
        senco = make.staff("senco", school)
        found.append((actor(senco.id), {learner.id for learner in learners}))
        for learner in learners[:2]:
            found.append((actor(make.parent(learner).id), {learner.id}))
    return found


def actor(user_id: UUID) -> Actor:
    return grants.person(user_id, "", clock_may_shift=False)


def context(who: Actor) -> list[str]:
    return [
        str(who.user_id),
        who.kind,
        *(
            "{" + ",".join(map(str, who.reaching(right))) + "}"
            for right in (Right.READ, Right.CONTRIBUTE, Right.HOLD)
        ),
        clock.today().isoformat(),
        "{}",  # no figures
    ]


def test_nobody_ever_sees_a_row_that_is_not_theirs(
    pool: int, fresh_database: str, record_property: Callable[[str, object], None]
) -> None:
    with transaction.atomic():
        everyone = people()
    said = {who.key: context(who) for who, _ in everyone}
    counted: Counter[str] = Counter()
    lock = threading.Lock()

    def ask(connection: psycopg.Connection, rng: random.Random) -> str:
        who, expected = rng.choice(everyone)
        fate = rng.choices(["done", "aborted", "killed", "forgot"], weights=[80, 10, 2, 8])[0]
        with connection.transaction(force_rollback=fate == "aborted"):
            if fate != "forgot":
                connection.execute(rls.SET_CONTEXT, said[who.key])
            rows = connection.execute("SELECT id FROM learners_learner").fetchall()
            seen = {row[0] for row in rows}
            if seen != (set() if fate == "forgot" else expected):
                return "wrong"
            if fate == "killed":
                connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return fate

    def run(number: int) -> None:
        rng, own = random.Random(number), Counter[str]()
        connection = connect(pool, fresh_database)
        for _ in range(REQUESTS // THREADS):
            try:
                own[ask(connection, rng)] += 1
            except psycopg.OperationalError:
                own["killed"] += 1
                connection.close()
                connection = connect(pool, fresh_database)
        connection.close()
        with lock:
            counted.update(own)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=1200)
    for fate, number in counted.items():
        record_property(fate, number)
    assert counted["wrong"] == 0
    assert counted.total() >= REQUESTS - THREADS
    assert min(counted[fate] for fate in ("done", "aborted", "killed", "forgot")) > 0


def connect(port: int, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        dbname=database,
        user=APP_LOGIN["USER"],
        prepare_threshold=None,
    )
