"""Two walls, either of which suffices (goal R2); and what is shown is what is logged (goal R5)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from django.test import Client

from apps.access import middleware, rls
from apps.access.grants import Actor
from apps.audit.models import AccessEntry
from apps.learners.models import Learner
from apps.settings.models import LocalArea, Setting
from tests.access.test_matrix import MATRIX, WHO, address
from tests.support.database import as_owner
from tests.support.papers import text_of

pytestmark = pytest.mark.django_db

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PAGES = [name for name in MATRIX if not name.startswith(("api-", "account_", "mfa_"))]
# Who has no right to the learner whom the world is about.
STRANGERS = ["anyone", "neighbour", "governor", "stranger", "outsider", "administrator"]


def visit(client: Client, world: dict[str, Any], name: str) -> Any:
    with transaction.atomic():
        return client.get(address(name, world))


def signed_in(world: dict[str, Any], who: str) -> Client:
    client = Client(raise_request_exception=False)
    if person := world["people"][who]:
        client.force_login(person, backend=BACKEND)
    return client


@contextmanager
def without_row_security() -> Iterator[None]:
    """The second wall taken away, until the test's transaction is rolled back."""
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " AND relrowsecurity AND relkind IN ('r', 'p')"
        )
        for (table,) in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    yield


@pytest.fixture
def without_policies(world: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wall taken away: everybody reaches everything, as far as Python is asked.

    The database is still told the truth of who asks.
    """
    with as_owner():
        everywhere = [
            *Setting.objects.values_list("id", flat=True),
            *LocalArea.objects.values_list("id", flat=True),
        ]
    set_context = rls.set_context
    true_reach = Actor.reaching

    def truthful(actor: Actor) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Actor, "reaching", true_reach)
            set_context(actor)

    monkeypatch.setattr(middleware.rls, "set_context", truthful)
    monkeypatch.setattr(Actor, "reaching", lambda self, right: [*everywhere, self.key])
    monkeypatch.setattr(Actor, "organisations", lambda self, permission: everywhere)
    monkeypatch.setattr(Actor, "may", lambda self, permission, at=None: True)


def shown(content: str, learners: dict[UUID, str]) -> set[UUID]:
    """The learners whose key or family name is in a page."""
    return {key for key, name in learners.items() if str(key) in content or name in content}


@pytest.fixture
def learners(world: dict[str, Any]) -> dict[UUID, str]:
    with as_owner():
        return dict(Learner.objects.values_list("id", "known_family"))


@pytest.mark.parametrize("who", STRANGERS)
def test_the_first_wall_alone_shows_a_stranger_nothing(
    who: str, world: dict[str, Any], learners: dict[UUID, str]
) -> None:
    robin = world["kwargs"]["learner_id"]
    client, wrong = signed_in(world, who), []
    with without_row_security():
        for name in PAGES:
            answer = visit(client, world, name)
            if answer.status_code == 200 and learners[robin] in text_of(answer):
                wrong.append(name)
    assert not wrong


@pytest.mark.usefixtures("without_policies")
@pytest.mark.parametrize("who", STRANGERS)
def test_the_second_wall_alone_shows_a_stranger_nothing(
    who: str, world: dict[str, Any], learners: dict[UUID, str]
) -> None:
    robin = world["kwargs"]["learner_id"]
    client, wrong, answered = signed_in(world, who), [], 0
    for name in PAGES:
        answer = visit(client, world, name)
        answered += answer.status_code == 200
        if learners[robin] in text_of(answer):
            wrong.append(name)
    assert not wrong
    assert answered


@pytest.mark.parametrize("who", WHO)
def test_the_learners_in_a_page_are_those_in_its_log(
    who: str,
    world: dict[str, Any],
    learners: dict[UUID, str],
    record_property: Callable[[str, object], None],
) -> None:
    wrong, shown_in_all = log_against_pages(signed_in(world, who), world, learners)
    record_property("learners shown and logged", shown_in_all)
    assert not wrong


def log_against_pages(
    client: Client, world: dict[str, Any], learners: dict[UUID, str]
) -> tuple[list[tuple[str, str]], int]:
    """The pages on which learners shown and logged differ, and how many were shown in all."""
    wrong, shown_in_all = [], 0
    for name in PAGES:
        with as_owner():
            last = AccessEntry.objects.order_by("-id").values_list("id", flat=True).first()
        answer = visit(client, world, name)
        if answer.status_code != 200:
            continue
        seen = shown(text_of(answer), learners)
        shown_in_all += len(seen)
        with as_owner():
            rows = AccessEntry.objects.filter(id__gt=last) if last else AccessEntry.objects.all()
            logged = {key for row in rows for key in row.learner_ids}
        if seen - logged:
            wrong.append((name, "shown and not logged"))
        elif logged - seen:
            wrong.append((name, "logged and not shown"))
    return wrong, shown_in_all
