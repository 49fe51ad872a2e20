"""What the other tests rely on: roles, stepping aside, fresh databases, a real worker."""

from __future__ import annotations

import socket
import urllib.request

import pytest
from django.conf import settings
from django.db import DataError, connection, transaction

from apps.common.models import ClockShift
from config.celery import app
from tests.support import processes
from tests.support.database import as_owner, connected


def current_role() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return cursor.fetchone()[0]


@pytest.mark.django_db
class TestSteppingAside:
    def test_a_test_runs_as_the_app(self):
        assert current_role() == settings.DATABASE_ROLES["app"]

    def test_inside_the_block_it_is_the_owner_and_afterwards_the_app_again(self):
        with as_owner():
            assert current_role() == settings.DATABASE_ROLES["owner"]
        assert current_role() == settings.DATABASE_ROLES["app"]

    def test_blocks_can_nest(self):
        with as_owner():
            with as_owner():
                pass
            assert current_role() == settings.DATABASE_ROLES["owner"]

    def test_an_error_inside_brings_the_app_back(self):
        with pytest.raises(DataError), as_owner():
            connection.cursor().execute("SELECT 1/0")
        assert current_role() == settings.DATABASE_ROLES["app"]


@pytest.mark.django_db
def test_no_test_reaches_another_machine():
    with pytest.raises(RuntimeError, match="tried to reach"):
        socket.create_connection(("192.0.2.1", 80), timeout=1)


class TestCommitting:
    def test_what_commits_is_seen_by_others_and_gone_with_the_database(self, fresh_database):
        with transaction.atomic(), as_owner():
            ClockShift.objects.update_or_create(defaults={"days": 3})
        with connected(settings.DATABASES["owner"], fresh_database) as other:
            assert other.execute("SELECT days FROM common_clockshift").fetchall() == [(3,)]

    def test_the_next_starts_afresh(self, fresh_database):
        assert not ClockShift.objects.exists()

    def test_a_live_server_answers(self, live):
        with urllib.request.urlopen(f"{live}/") as response:
            assert response.status == 200

    def test_a_real_worker_takes_what_is_sent(self, worker):
        app.send_task("transitions.sweep")
        with app.connection_for_read() as broker:
            queue = broker.default_channel.client
            processes.wait_until(
                lambda: not queue.llen(app.conf.task_default_queue), what="the queue to empty"
            )
        assert worker.poll() is None
