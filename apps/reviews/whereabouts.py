"""What may be read of a record by an adult from whom it is withheld where the learner is."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import connection

from apps.access.grants import Actor
from apps.reviews import policy
from apps.reviews.models import Statement, as_read


def without_places(learner_id: UUID) -> list[Statement]:
    """Strengths, needs and support in force that name no place and nobody who works there.

    The database chooses them, for whoever may read this learner (`reviews.migrations.0010_where`).
    """
    rows = Statement.objects.raw("SELECT * FROM reviews_without_places(%s)", [learner_id])
    return as_read(rows.prefetch_related("area", "level", "replaces"))


def reviewed_on(learner_id: UUID) -> list[date]:
    """The days on which reviews were signed off, newest first: all that some adults may know."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM reviews_reviewed_on(%s)", [learner_id])
        return [row[0] for row in cursor.fetchall()]


def naming_places(actor: Actor, learner_id: UUID) -> list[Statement]:
    """Statements in force whose words name a place or somebody who works there, to be reworded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM reviews_naming_places(%s)", [learner_id])
        found = [row[0] for row in cursor.fetchall()]
    rows = policy.statements_visible(actor, family=False).filter(id__in=found)
    return as_read(rows.select_related("area", "level"))
