"""Reading what became of messages."""

from __future__ import annotations

from uuid import UUID

from django.db import connection

from apps.access.grants import Actor
from apps.learners import policy as learners


def undelivered(actor: Actor, learner_id: UUID) -> set[UUID]:
    """The members of a learner's family whose last message was given up after every attempt.

    For whoever keeps the record; raises NotVisible and Refused. The next one that leaves clears it.
    """
    learners.check_can_keep(actor, learner_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT post_undelivered(%s)", [learner_id])
        return {row[0] for row in cursor.fetchall()}
