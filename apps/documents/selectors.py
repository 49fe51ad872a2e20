"""Reading documents for pages: what is in them is in the store."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.access.grants import Actor
from apps.documents import policy
from apps.documents.models import Document


def of_learner(actor: Actor, learner_id: UUID) -> QuerySet[Document]:
    """The documents about a learner that the actor may read, newest first: one query."""
    rows = policy.visible_to(actor).filter(learner_id=learner_id)
    return rows.select_related("added_by").order_by("-added_at", "-id")


def of_review(actor: Actor, learner_id: UUID, review_id: UUID) -> QuerySet[Document]:
    """Those of them that were added to a review, in the order in which they came."""
    return of_learner(actor, learner_id).filter(review_id=review_id).order_by("added_at", "id")
