"""What the second wall costs (P4 to P6): the same with row-level security and without it.

For a SENCO of a setting in the middle, a parent, and the officer of the largest local area.
"Without" is the same role, let past every policy, and no context set, but for the officer, whose
page is counted by a function that answers only within a context; P5 and P6 compare with a query
that somebody scoped by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection, connections, transaction

from apps.access import grants, middleware, rls
from apps.access.grants import Actor
from apps.access.permissions import Right
from apps.accounts.models import User
from apps.learners.models import LearnerAccess
from apps.learners.selectors import enrolled_at
from bench.pages import Visitor
from config import embedded

TIMES = 30
LETTERS = "sm"
AREA = "/area/"


@contextmanager
def without(postgres: embedded.Postgres, *, context: bool = False) -> Iterator[None]:
    """Row-level security off for the application's role, and no context set unless asked for."""
    set_context = rls.set_context
    _bypass(postgres, "BYPASSRLS")
    if not context:
        middleware.rls.set_context = lambda actor: None
    try:
        yield
    finally:
        middleware.rls.set_context = set_context
        _bypass(postgres, "NOBYPASSRLS")


def _bypass(postgres: embedded.Postgres, word: str) -> None:
    admin = postgres.url(embedded.CLUSTER_ADMIN, embedded.DATABASE)
    with psycopg.connect(admin, autocommit=True) as opened:
        opened.execute(f"ALTER ROLE {embedded.APP} {word}")
    connections.close_all()


def people(senco: User, setting: Any) -> dict[str, tuple[User, str]]:
    """Each person and the page that they open most; made once on this ground."""
    from apps.access.models import Membership
    from apps.learners.models import FamilyMember

    # As the owner: facts to measure on.
    area = setting.local_area_id
    officer, made = User.objects.using("owner").get_or_create(
        email="officer@bench.example", defaults={"name": "The officer"}
    )
    if made:
        Membership.objects.using("owner").create(
            user=officer, role="officer", local_area_id=area, starts_on="2020-01-01"
        )
    child = LearnerAccess.objects.using("owner").filter(grantee_id=setting.id).first()
    assert child
    parent, made = User.objects.using("owner").get_or_create(
        email="parent@bench.example", defaults={"name": "The parent"}
    )
    if made:
        FamilyMember.objects.using("owner").create(
            learner_id=child.learner_id, user=parent, name="P", relation="mother", may_see=True
        )
        LearnerAccess.objects.using("owner").create(
            learner_id=child.learner_id,
            grantee_kind="user",
            grantee_id=parent.id,
            access_right="contribute",
            reason="family",
            starts_on="2020-01-01",
        )
    connections["owner"].close()
    return {
        "SENCO": (senco, "/register/"),
        "parent": (parent, f"/family/{child.learner_id}/"),
        "officer": (officer, AREA),
    }


def pages(
    postgres: embedded.Postgres, application: Any, who: tuple[User, str]
) -> tuple[Callable[[], float], Callable[[], float]]:
    """Both sides of P4: milliseconds of a page with the wall and without it."""
    person, path = who
    visitor = Visitor(application, person)

    def with_wall() -> float:
        visitor.get(path)
        return median(visitor.timed(path, TIMES))

    def without_wall() -> float:
        with without(postgres, context=path == AREA):
            visitor.get(path)
            return median(visitor.timed(path, TIMES))

    return with_wall, without_wall


def forgotten_where(
    postgres: embedded.Postgres, person: User
) -> tuple[Callable[[], float], Callable[[], float]]:
    """Both sides of P5: every learner, by the wall alone, and scoped by hand."""
    actor = grants.person(person.id, person.name, clock_may_shift=False)
    grantees = list(actor.reaching(Right.READ))
    by_hand = (
        "SELECT count(*) FROM learners_learner l WHERE EXISTS (SELECT 1 FROM learners_learneraccess"
        " a WHERE a.learner_id = l.id AND a.grantee_id = ANY (%s) AND a.starts_on <= current_date"
        " AND (a.ends_on IS NULL OR a.ends_on > current_date))"
    )

    def forgotten() -> float:
        return _timed(actor, lambda: _count("SELECT count(*) FROM learners_learner", []))

    def scoped() -> float:
        with without(postgres):
            return _timed(None, lambda: _count(by_hand, [grantees]))

    return forgotten, scoped


def name_search(
    postgres: embedded.Postgres, person: User, setting_id: UUID
) -> tuple[Callable[[], float], Callable[[], float]]:
    """Both sides of P6: the first names of a setting that begin so, with the wall and without."""
    actor = grants.person(person.id, person.name, clock_may_shift=False)

    def search() -> None:
        list(enrolled_at(actor, setting_id, LETTERS)[:20])

    def with_wall() -> float:
        return _timed(actor, search)

    def without_wall() -> float:
        with without(postgres):
            return _timed(None, search)

    return with_wall, without_wall


def _timed(actor: Actor | None, act: Callable[[], Any]) -> float:
    """The median of some goes in one transaction each, in milliseconds, the first left out."""
    took = []
    for _ in range(8):
        with transaction.atomic():
            if actor:
                rls.set_context(actor)
            started = time.perf_counter()
            act()
            took.append((time.perf_counter() - started) * 1000)
    return median(took[1:])


def _count(sql: str, values: list[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.fetchone()[0])
