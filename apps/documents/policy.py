"""Who may read, add and withdraw documents."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common.exceptions import NotVisible, Refused
from apps.documents.models import Document
from apps.learners import policy as learners


def visible_to(actor: Actor) -> QuerySet[Document]:
    """The documents that this actor may read.

    Family read what is for everyone, and nothing while it is withheld from them where the learner
    is: a file can name a place. Nobody reads one that was withdrawn.
    """
    rows = Document.objects.filter(withdrawn_at=None)
    for_all = Q(learners.whereabouts_seen_by(actor, "learner_id"), audience="everyone")
    return rows.filter(for_all | Q(learners.worked_with_by(actor, "learner_id")))


def withdrawn_seen_by(actor: Actor) -> QuerySet[Document]:
    """That documents were withdrawn, and why, for those who work with the learner."""
    rows = Document.objects.filter(learners.worked_with_by(actor, "learner_id"))
    return rows.filter(withdrawn_at__isnull=False)


def get(actor: Actor, document_id: UUID) -> Document:
    """A document that the actor may read; raises NotVisible."""
    found = visible_to(actor).select_related("learner").filter(pk=document_id).first()
    if found is None:
        raise NotVisible
    return found


def check_can_add(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible to a stranger, Refused to a reader and to family, InvalidTransition once
    the record is closed.
    """
    learners.check_can_contribute(actor, learner_id)
    by_role = learners.visible_to(actor).filter(learners.worked_with_by(actor), pk=learner_id)
    if actor.kind != "person" or not by_role.exists():
        raise Refused("Only those who work with the learner add documents. Hand it to the SENCO.")


def can_add(actor: Actor, learner_id: UUID) -> bool:
    """Whether `check_can_add` would pass for somebody who contributes."""
    try:
        check_can_add(actor, learner_id)
    except (NotVisible, Refused):
        return False
    return True


def check_can_withdraw(actor: Actor, document: Document) -> None:
    """Raises Refused unless the actor keeps and reviews the record, or added this themself."""
    check_can_add(actor, document.learner_id)
    if document.added_by_id == actor.person_id:
        return
    learners.check_can_hold(actor, document.learner_id)
    if not actor.may(Permission.REVIEW):
        raise Refused("Only the SENCO, an assistant or whoever added it can withdraw a document.")
