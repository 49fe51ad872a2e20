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

    Family read what is for everyone and what they added themselves. While it is withheld from them
    where the learner is, they read only the latter: a file can name a place. Nobody reads one that
    was withdrawn.
    """
    rows = Document.objects.filter(withdrawn_at=None)
    for_all = Q(learners.whereabouts_seen_by(actor, "learner_id"), audience="everyone")
    own = Q(learners.seen_by(actor, "learner_id"), added_by_id=actor.key)
    return rows.filter(for_all | own | Q(learners.worked_with_by(actor, "learner_id")))


def withdrawn_seen_by(actor: Actor) -> QuerySet[Document]:
    """That documents were withdrawn, and why, for those who work with the learner."""
    rows = Document.objects.filter(learners.worked_with_by(actor, "learner_id"))
    return rows.filter(withdrawn_at__isnull=False)


def handed_over_to(actor: Actor) -> QuerySet[Document]:
    """The documents of packages, for those who work with the learner and were asked for so.

    A package keeps what was withdrawn since, as it keeps what was said since in other words; but
    not what had to go everywhere.
    """
    rows = Document.objects.filter(still_handed_over())
    return rows.filter(learners.worked_with_by(actor, "learner_id"))


def still_handed_over() -> Q:
    """The condition that a package has the document in it."""
    return Q(handed_over_at__isnull=False, withdrawn_everywhere=False)


def get(actor: Actor, document_id: UUID) -> Document:
    """A document that the actor may read; raises NotVisible."""
    found = visible_to(actor).select_related("learner").filter(pk=document_id).first()
    if found is None:
        raise NotVisible
    return found


def to_withdraw(actor: Actor, document_id: UUID) -> Document:
    """A document that the actor may read, or that was withdrawn and is still in what was handed
    over; raises NotVisible.
    """
    rows = visible_to(actor) | withdrawn_seen_by(actor).filter(still_handed_over())
    found = rows.select_related("learner").filter(pk=document_id).first()
    if found is None:
        raise NotVisible
    return found


def check_can_add(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible to a stranger, Refused to a reader and to a system, InvalidTransition once
    the record is closed. Family and the young person add as they contribute.
    """
    learners.check_can_contribute(actor, learner_id)
    if actor.kind != "person":
        raise Refused("Only people add documents.")


def audiences(actor: Actor, learner_id: UUID) -> list[Document.Audience]:
    """Who may read what the actor adds, the usual first; the actor may add.

    What family add is never kept from them, and they may keep it from others of the family, as
    with what they say. Whoever may not know where the learner is shares with the setting alone.
    """
    choices = Document.Audience
    if learners.works_with(actor, learner_id):
        return [choices.EVERYONE, choices.STAFF]
    if learners.knows_where(actor, learner_id):
        return [choices.EVERYONE, choices.SENDER]
    return [choices.SENDER]


def check_can_withdraw(actor: Actor, document: Document) -> None:
    """Raises Refused unless the actor keeps and reviews the record, or added this themself and it
    is not withdrawn yet.
    """
    check_can_add(actor, document.learner_id)
    if document.added_by_id == actor.person_id and document.withdrawn_at is None:
        return
    check_can_withdraw_everywhere(actor, document)


def check_can_withdraw_everywhere(actor: Actor, document: Document) -> None:
    """Raises Refused unless the actor keeps and reviews the record.

    For what others were given: it is for whoever answers for the record to take that back.
    """
    learners.check_can_hold(actor, document.learner_id)
    if not actor.may(Permission.REVIEW):
        raise Refused("Only the SENCO, an assistant or whoever added it can withdraw a document.")


def can_withdraw_everywhere(actor: Actor, document: Document) -> bool:
    """Whether it was handed over, and `check_can_withdraw_everywhere` would pass."""
    try:
        check_can_withdraw_everywhere(actor, document)
    except Refused:
        return False
    return document.handed_over_at is not None
