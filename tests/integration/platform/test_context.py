"""Who the database believes is asking: nobody, unless a request or task has said so."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction

from apps.access import grants, rls
from apps.learners.models import Learner
from tests import factories as make
from tests.support.database import as_owner, connected

CONTEXT = ("actor", "kind", "read", "contribute", "hold", "today")


def context() -> dict[str, Any]:
    """What the session has been told; empty when it has been told nothing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT " + ", ".join(f"current_setting('lr.{name}', true)" for name in CONTEXT)
        )
        told = cursor.fetchone()
    return {name: value for name, value in zip(CONTEXT, told, strict=True) if value}


@pytest.mark.django_db
class TestOneRequestAfterAnother:
    def test_nothing_of_a_request_is_left_for_the_next(self, client) -> None:
        client.force_login(make.staff("senco", make.setting()))
        assert client.get("/home/").status_code == 200
        assert context() == {}

    @pytest.mark.parametrize("path", ["/no-such-page/", "/learners/not-a-key/"])
    def test_nor_when_a_request_is_refused(self, client, path: str) -> None:
        client.force_login(make.staff("senco", make.setting()))
        assert client.get(path).status_code == 404
        assert context() == {}

    def test_nor_of_a_task_or_command(self) -> None:
        with rls.acting(grants.worker()):
            assert context()["kind"] == "worker"
        assert context() == {}


@pytest.mark.django_db
class TestWithoutAContext:
    def test_the_app_sees_no_learner_although_there_is_one(self) -> None:
        make.learner(make.setting())
        rls.clear_context()
        assert not Learner.objects.exists()
        with as_owner():
            assert Learner.objects.count() == 1

    def test_a_row_is_refused(self) -> None:
        insert = "INSERT INTO learners_ehcplan (learner_id) VALUES (gen_random_uuid())"
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            connection.cursor().execute(insert)


def test_a_context_needs_a_transaction_to_end_with(fresh_database: str) -> None:
    with pytest.raises(RuntimeError, match="open one first"):
        rls.set_context(grants.NOBODY)


@pytest.mark.parametrize(
    "statement",
    [
        "SET ROLE {owner}",
        "SET ROLE {audit}",
        "ALTER TABLE learners_learner NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY seen ON learners_learner",
        "CREATE TABLE mine ()",
        "TRUNCATE learners_learner CASCADE",
    ],
)
def test_the_app_role_cannot_help_itself(statement: str, fresh_database: str) -> None:
    with connected(settings.APP_LOGIN, fresh_database) as app:
        assert (
            app.execute("SELECT session_user, current_user").fetchone()
            == (settings.DATABASE_ROLES["app"],) * 2
        )
        with pytest.raises(psycopg.Error, match=r"permission|owner"):
            app.execute(statement.format(**settings.DATABASE_ROLES))
