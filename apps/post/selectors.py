"""Reading what a person was told, and what became of messages."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from apps.access.grants import Actor
from apps.learners import policy as learners
from apps.notifications import selectors as notifications
from apps.notifications.models import Notification
from apps.post.words import ALWAYS


def unread(actor: Actor, recipients: Iterable[UUID]) -> QuerySet[Notification]:
    """What these, the person at work and organisations of theirs, were told and is not put away.

    Of a learner whom they may not see any more a person is shown nothing, as nothing is sent. What
    they were told as family is on a page of its own, and what is about their account went at once.
    """
    mine = Q(recipient_id=actor.key)
    about = ~mine | Q(learner_id=None) | Q(learners.seen_by(actor, "learner_id"))
    return (
        notifications.unread(recipients)
        .filter(about)
        .exclude(Q(link__startswith="/family/") | Q(kind__in=ALWAYS))
    )


def undelivered(actor: Actor, learner_id: UUID) -> set[UUID]:
    """The members of a learner's family whose last message was given up after every attempt.

    For whoever keeps the record; raises NotVisible and Refused. The next one that leaves clears it.
    """
    learners.check_can_keep(actor, learner_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT post_undelivered(%s)", [learner_id])
        return {row[0] for row in cursor.fetchall()}
