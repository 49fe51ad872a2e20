"""What a family answers to a review: who agrees, and who does not and waits for a reply."""

from __future__ import annotations

from uuid import UUID

from django.db.models import OuterRef, Q, Subquery

from apps.access.grants import Actor
from apps.reviews import policy
from apps.reviews.models import Acknowledgement, Review

UNANSWERED = Q(agrees=False, replied_at=None)


def waiting(actor: Actor, setting_id: UUID) -> list[Acknowledgement]:
    """Who of the families does not agree and waits for this setting's reply, by its due date."""
    rows = policy.acknowledgements_visible(actor, family=False).filter(
        UNANSWERED,
        learner__closed_because="",
        learner__holders__setting_id=setting_id,
        learner__holders__ends_on=None,
    )
    rows = rows.select_related("learner", "family_member", "review")
    return list(rows.defer("review__canonical").order_by("reply_due_on", "id"))


def of_review(actor: Actor, review_id: UUID, *, family: bool) -> list[Acknowledgement]:
    """What was answered to one review, each with its reply: to a family member, their own."""
    rows = policy.acknowledgements_visible(actor, family=family).filter(review_id=review_id)
    return list(rows.select_related("family_member", "replied_by").order_by("said_at"))


def own(actor: Actor, learner_id: UUID, latest: Review) -> list[Acknowledgement]:
    """What a family member answered to the latest review, and what they said of earlier ones that
    waits for a reply or got one since; the newest first.
    """
    since = Q(agrees=False, replied_at__gte=latest.signed_off_at)
    rows = policy.acknowledgements_visible(actor, family=True).filter(learner_id=learner_id)
    rows = rows.filter(Q(review=latest) | UNANSWERED | since).select_related("review")
    return list(rows.defer("review__canonical").order_by("-said_at"))


def first_waiting(what: str) -> Subquery:
    """Of a query of reviews: this field of the answer that waits for a reply and is due first."""
    rows = Acknowledgement.objects.filter(UNANSWERED, review_id=OuterRef("pk"))
    return Subquery(rows.order_by("reply_due_on", "id").values(what)[:1])
