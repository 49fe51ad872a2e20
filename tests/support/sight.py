"""Whether somebody sees a learner, asked of both walls; and their browser."""

from __future__ import annotations

from django.db import connection
from django.test import Client

from apps.access.grants import Actor
from apps.accounts.models import User
from apps.learners import policy
from apps.learners.models import Learner
from tests import factories as make

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def sees(who: User | Actor, learner: Learner) -> bool:
    """The policy and the database, as the app's role: they always say the same."""
    by = make.acting_as(who) if isinstance(who, User) else who
    first = policy.right_of(by, learner.id) is not None
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM learners_learner WHERE id = %s", [learner.id])
        second = cursor.fetchone()[0] == 1
    assert first == second
    return first


def browser(person: User) -> Client:
    """A browser in which this person has signed in."""
    client = Client()
    client.force_login(person, backend=BACKEND)
    return client
