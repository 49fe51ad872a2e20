"""Two who ask for views at the same moment: nobody is asked twice, and neither meets an error."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, connections, transaction

from apps.access import rls
from apps.access.grants import Actor
from apps.common import clock
from apps.learners.models import Learner
from apps.reviews.actions import asking
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.reviews.asking import Person
from apps.reviews.models import Ask, Review
from tests import factories as make
from tests.support.database import as_owner


def asked_by_one(by: Actor, review: Review, learner: Learner) -> int:
    """As on the page of one review."""
    member = learner.family.get()
    person = Person("family", member.name, user_id=member.user_id, member_id=member.id)
    due = clock.today() + timedelta(days=7)
    return len(asking.ask(by=by, review_id=review.id, people=[person], due_on=due))


def asked_for_all(by: Actor, review: Review, learner: Learner) -> int:
    """As for many reviews at once."""
    due = clock.today() + timedelta(days=7)
    return asking.ask_for_views(by=by, review_ids=[review.id], due_on=due)


def until_somebody_waits() -> None:
    """Until another connection waits for a lock of this one."""
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT FROM pg_locks WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid))"
            )
            if cursor.fetchone() is not None:
                return
        time.sleep(0.05)
    raise AssertionError("Nobody waited: the two did not ask at once.")


@pytest.mark.parametrize("ask", [asked_by_one, asked_for_all])
def test_the_second_finds_them_asked(fresh_database: str, ask: Callable[..., int]) -> None:
    with transaction.atomic():
        school = make.setting()
        by = make.acting_as(make.staff("senco", school))
        robin = make.learner(school)
        make.parent(robin)
        put_on_register(
            by=by,
            learner=robin,
            setting=school,
            area="communication-and-interaction",
            level="mild",
            evidence=Evidence("Watches others", "class", clock.today(), "Mr Ray"),
        )
        review = Review.objects.get(learner=robin, state="open")

    def second() -> int:
        try:
            with rls.acting(by):
                return ask(by, review, robin)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with rls.acting(by):
            assert ask(by, review, robin) == 1
            later = pool.submit(second)
            until_somebody_waits()
        assert later.result(timeout=60) == 0
    with transaction.atomic(), as_owner():
        assert Ask.objects.count() == 1
