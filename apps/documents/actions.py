"""Adding a document, reading what is in it, withdrawing it, and forgetting files that went."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible
from apps.common.text import printable
from apps.documents import policy, scanning, store
from apps.documents.models import Document
from apps.formats import files
from apps.formats.problems import BrokenFile
from apps.learners.models import Learner

KEPT_WITHDRAWN = timedelta(days=30)
LONGEST_NAME = 120


@transaction.atomic
def add(
    *,
    by: Actor,
    learner: Learner,
    title: str,
    file_name: str,
    data: bytes,
    audience: str = "",
    audience_reason: str = "",
    review_id: UUID | None = None,
) -> Document:
    """Keep a file about a learner, having looked at what it is and, where that is on, for viruses.

    Without an `audience` it is the usual one. Whoever keeps the record is told what family added.
    Raises Invalid with the fields at fault; Refused, NotVisible, InvalidTransition as the policy.
    """
    policy.check_can_add(by, learner.id)
    title, audience_reason = printable(title).strip(), printable(audience_reason).strip()
    wrong: dict[str, str] = {}
    if not title:
        wrong["title"] = "Say what this is"
    audiences = policy.audiences(by, learner.id)
    audience = audience or audiences[0]
    if audience not in audiences:
        wrong["audience"] = "Choose who may read it"
    if audience == Document.Audience.STAFF and not audience_reason:
        wrong["audience_reason"] = "Say why only staff may read this"
    try:
        form = files.form_of(data, file_name)
    except BrokenFile as error:
        wrong["file"] = str(error)
    if wrong:
        raise Invalid("Nothing was added yet.", wrong)
    scanning.check(data)
    document = Document.objects.create(
        learner=learner,
        review_id=review_id,
        title=title[:LONGEST_NAME],
        file_name=printable(file_name)[-LONGEST_NAME:],
        content_type=form.content_type,
        size=len(data),
        sha256=store.keep(data),
        scanned=scanning.is_on(),
        audience=audience,
        audience_reason=audience_reason if audience == Document.Audience.STAFF else "",
        added_by_id=by.key,
        added_at=clock.now(),
        from_family=Document.Audience.STAFF not in audiences,
    )
    _note(by, "document added", document)
    if document.from_family:
        _tell_holder(document)
    return document


def content(*, by: Actor, document: Document) -> bytes:
    """What is in a document, for whoever may read it; raises InvalidTransition where it is damaged.

    One that came before files were looked at for viruses is looked at now.
    """
    return _content(policy.get(by, document.id))


def content_handed_over(*, by: Actor, document_id: UUID) -> bytes:
    """What is in a document of a package that the actor was asked for; raises as `content`, and
    NotVisible where it had to go everywhere.
    """
    document = policy.handed_over_to(by).filter(pk=document_id).first()
    if document is None:
        raise NotVisible
    return _content(document)


def _content(document: Document) -> bytes:
    try:
        data = store.read(document.sha256)
    except store.Damaged:
        raise InvalidTransition(
            "This file is damaged or missing. Tell whoever runs the service; the record is whole."
        ) from None
    if not document.scanned:
        scanning.check(data)
    return data


@transaction.atomic
def withdraw(*, by: Actor, document_id: UUID, because: str, everywhere: bool = False) -> Document:
    """Withdraw a document: nobody reads it any more, and its file is deleted a month later.

    What was handed over is kept as it was, as the law wants of what was decided upon; `everywhere`
    takes it from there too, for one about another child or that the law says must go, and does so
    for one that was withdrawn before.
    Raises NotVisible, Refused by policy, Invalid without a reason.
    """
    document = policy.to_withdraw(by, document_id)
    policy.check_can_withdraw(by, document)
    if document.withdrawn_at and not everywhere:
        raise InvalidTransition("This document is withdrawn already.")
    if everywhere:
        policy.check_can_withdraw_everywhere(by, document)
    if not because.strip():
        raise Invalid("Nothing was withdrawn yet.", {"because": "Say why it is withdrawn"})
    document.withdrawn_at = document.withdrawn_at or clock.now()
    document.withdrawn_by_id = by.key
    document.withdrawn_because = printable(because).strip()
    document.withdrawn_everywhere = everywhere
    document.save(
        update_fields=[
            "withdrawn_at", "withdrawn_by", "withdrawn_because", "withdrawn_everywhere",
        ]
    )  # fmt: skip
    _note(by, "document withdrawn", document)
    return document


def sweep() -> int:
    """Delete files that no document has any more: withdrawn a month ago, or gone with a record.

    The file of one that was handed over stays, unless it was withdrawn everywhere.
    """
    with rls.acting(grants.worker()):
        fresh = Q(withdrawn_at=None) | Q(withdrawn_at__gt=clock.now() - KEPT_WITHDRAWN)
        rows = Document.objects.filter(fresh | policy.still_handed_over())
        kept = list(rows.values_list("sha256", flat=True).distinct())
    return store.forget_all_but(kept)


def _tell_holder(document: Document) -> None:
    """Tell whoever keeps the record, whom somebody of the family may not know."""
    words = f"{document.learner}: family added a document."
    with connection.cursor() as cursor:
        cursor.execute("SELECT documents_tell_holder(%s, %s)", [document.id, words])


def _note(by: Actor, action: str, document: Document) -> None:
    record.event(
        by=by,
        action=action,
        subject_kind="document",
        subject_id=document.id,
        learner_id=document.learner_id,
        detail={"sha256": document.sha256, "audience": document.audience},
    )
