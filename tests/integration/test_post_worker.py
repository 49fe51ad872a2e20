"""A real worker sends what waits; killed while it sends, the message still goes once."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from apps.access import grants, rls
from apps.common import clock
from apps.notifications.actions import tell
from apps.post import actions
from apps.post.models import Message
from tests import factories as make
from tests.support.database import as_owner
from tests.support.processes import celery_worker, wait_until

HELD_UP = "tests.support.mail.HeldUp"


def state() -> str:
    with rls.acting(grants.worker()):
        return Message.objects.values_list("state", flat=True).first() or ""


def test_killed_while_sending_it_goes_once(fresh_database: str, tmp_path: Path) -> None:
    parent = make.user()
    environment = {
        "LEARNER_RECORD_TEST_DATABASE": fresh_database,
        "TEST_EMAIL_BACKEND": HELD_UP,
        "TEST_MAIL": str(tmp_path),
    }
    (tmp_path / "wait").touch()
    with celery_worker(**environment) as child:
        with rls.acting(grants.worker()):
            tell(
                recipients=[parent.id],
                learner_id=None,
                kind="new device",
                text="Somebody signed in as you.",
                link="/signed-in/",
                key="k",
            )
        wait_until((tmp_path / "sending").exists, what="the worker to send")
        assert state() == "claimed"
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
    (tmp_path / "wait").unlink()
    assert not list(tmp_path.glob("*.log"))
    with as_owner():
        Message.objects.update(claimed_at=clock.now() - 2 * actions.LEASE)
    with celery_worker(**environment):
        for _ in range(3):
            actions.sweep()
        wait_until(lambda: state() == "sent", what="the message")
        actions.sweep()
    assert len(list(tmp_path.glob("*.log"))) == 1
