"""Making a copy of everything about a learner: asked for by whoever holds the record, made by the
worker, forgotten after a month.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta
from uuid import UUID

from django.db import transaction

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record
from apps.common import clock
from apps.common.doorbell import ring
from apps.common.exceptions import Invalid, InvalidTransition
from apps.learners import whereabouts
from apps.learners.models import Learner
from apps.rights import bundle, policy
from apps.rights.models import Export

KEPT = timedelta(days=30)
MOST_ATTEMPTS = 5


@transaction.atomic
def ask(
    *,
    by: Actor,
    learner: Learner,
    holder_id: UUID,
    copy_for: str,
    identity: str,
    may_know_where: bool | None = None,
) -> Export:
    """Note who asked and how the holder knows that they may, and have the copy made.

    While whereabouts are withheld it says too whether the copy is for somebody who may know them.
    Raises Invalid without either.
    """
    policy.check_can_export(by, learner.id)
    wrong = {
        name: sentence
        for name, value, sentence in (
            ("copy_for", copy_for, "Enter who asked, and who they are to the learner"),
            ("identity", identity, "Enter how you checked that it is them and that they may"),
        )
        if not value.strip()
    }
    withheld = whereabouts.withheld_from_family(by, learner.id)
    if withheld and may_know_where is None:
        wrong["may_know_where"] = "Choose whether they may know where the learner is"
    if wrong:
        raise Invalid("No copy is being made yet.", wrong)
    export = Export.objects.create(
        learner=learner,
        holder_id=holder_id,
        copy_for=copy_for.strip(),
        identity=identity.strip(),
        may_know_where=may_know_where if withheld else None,
        asked_by_id=by.key,
        asked_at=clock.now(),
    )
    record.event(
        by=by,
        action="copy asked for",
        subject_kind="export",
        subject_id=export.id,
        learner_id=learner.id,
        detail={"copy_for": export.copy_for},
    )
    ring("rights.work", export.id)
    return export


def work(export_id: UUID) -> None:
    """Make a copy that waits. Twice changes nothing; a fifth failure is shown as one."""
    with rls.acting(grants.worker()):
        waiting = Export.objects.filter(pk=export_id, state=Export.State.QUEUED)
        found = waiting.defer("content").first()
    if found is None:
        return
    with rls.acting(grants.worker()):
        # Counted before the work and not with it, so that a copy that kills its worker ends.
        found.attempts += 1
        if found.attempts > MOST_ATTEMPTS:
            found.state = Export.State.FAILED
        found.save(update_fields=["attempts", "state"])
    if found.state == Export.State.QUEUED:
        _make(found)


def _make(found: Export) -> None:
    with rls.acting(grants.worker(found.holder_id)) as by:
        locked = Export.objects.select_for_update().defer("content").get(pk=found.pk)
        if locked.state != Export.State.QUEUED:
            return
        locked.content = bundle.make(by, locked)
        locked.sha256 = hashlib.sha256(locked.content).hexdigest()
        locked.state = Export.State.MADE
        locked.made_at = clock.now()
        locked.expires_on = clock.today() + KEPT
        locked.save(update_fields=["content", "sha256", "state", "made_at", "expires_on"])
        record.event(
            by=by,
            action="copy made",
            subject_kind="export",
            subject_id=locked.id,
            learner_id=locked.learner_id,
            detail={"sha256": locked.sha256},
        )


@transaction.atomic
def take_out(*, by: Actor, export: Export) -> bytes:
    """The ZIP, to be given to whoever asked; the log keeps who took it out.

    Raises InvalidTransition while it is being made, after it was forgotten, and where whereabouts
    came to be withheld since.
    """
    policy.check_can_export(by, export.learner_id)
    if export.may_know_where is None and whereabouts.withheld_from_family(by, export.learner_id):
        raise InvalidTransition(
            "Since this copy was made, it is withheld where the learner is. Ask for another copy."
        )
    content = Export.objects.values_list("content", flat=True).get(pk=export.pk)
    if content is None:
        raise InvalidTransition(
            "This copy is not ready, or was deleted: copies are kept for thirty days, and none "
            "outlasts a redaction. Ask for another."
        )
    record.event(
        by=by,
        action="exported",
        subject_kind="export",
        subject_id=export.id,
        learner_id=export.learner_id,
        detail={"copy_for": export.copy_for},
    )
    return bytes(content)


def sweep() -> None:
    """Ring for copies that nobody is making, and forget the content of old ones."""
    with rls.acting(grants.worker()):
        for export in Export.objects.filter(state=Export.State.QUEUED).defer("content"):
            ring("rights.work", export.id)
        Export.objects.filter(expires_on__lte=clock.today()).exclude(content=None).update(
            content=None
        )
