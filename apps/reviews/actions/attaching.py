"""Documents that a review rests on: added while it is open, listed with it for ever."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.documents import actions as documents
from apps.documents.models import Document
from apps.reviews.actions.drafting import open_review


@transaction.atomic
def add_document(*, by: Actor, review_id: UUID, **document: Any) -> Document:
    """Add a document about the learner to their open review; `document` as `documents.add` has it.

    Raises NotVisible, Refused, InvalidTransition as `open_review`, Invalid as `documents.add`.
    """
    review = open_review(by=by, review_id=review_id)
    return documents.add(by=by, learner=review.learner, review_id=review.id, **document)
