"""The death of a child: one act stops every message, review and move, that minute, everywhere.

The record is closed, not disposed of: whoever could read it can, and nothing more is ever sent
about it (domain.md, lives that do not fit).
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.learners.models import Learner
from apps.lives import policy
from apps.lives.actions import closing
from apps.lives.changes import Changes
from apps.lives.models import Closure

ENDED = "The record was closed"


@transaction.atomic
def note_death(*, by: Actor, learner_id: UUID, died_on: date | None, told_by: str) -> Closure:
    """Close the record of a child who has died.

    Raises Invalid without a day that can be right or without who told the setting;
    InvalidTransition when the record is closed already.
    """
    policy.check_can_close(by, learner_id)
    learner = closing.lock(learner_id)
    policy.check_can_close(by, learner_id)  # again: it may have passed while we waited
    wrong: dict[str, str] = {}
    if died_on is None or not learner.date_of_birth <= died_on <= clock.today():
        wrong["died_on"] = "Enter the day: today or earlier, and not before the date of birth."
    if not told_by.strip():
        wrong["told_by"] = "Enter who told you, and when."
    if wrong:
        raise Invalid("Nothing has changed yet.", wrong)
    held_by, changes = closing.holder_of(learner), Changes()
    closing.stop(learner, changes, ENDED)
    closure = closing.close(
        by=by,
        learner=learner,
        because=Learner.Closed.DIED,
        why=told_by.strip(),
        changes=changes,
        held_by=held_by,
        died_on=died_on,
    )
    _note(by, closure, "record closed: the child has died")
    return closure


@transaction.atomic
def undo(*, by: Actor, learner_id: UUID, why: str) -> Closure:
    """The death was noted by mistake: a second person opens the record, and all is as it was.

    Raises Invalid without a reason, Refused to whoever closed it, InvalidTransition when it is
    open again already.
    """
    closure = policy.get(by, learner_id)
    policy.check_can_undo(by, closure)
    if not why.strip():
        raise Invalid(
            "Nothing has changed yet.", {"why": "Say how you know that it was a mistake."}
        )
    # Whoever undoes it may only read: what was stopped is restored with the holder's right.
    with rls.acting(grants.worker(policy.held_now(closure))):
        locked = Closure.objects.select_for_update().get(pk=closure.pk)
        if locked.undone_at:
            raise InvalidTransition("This record is open again already.")
        closing.reopen(locked)
        closing.mark_undone(locked, by, why.strip())
    rls.set_context(by)
    _note(by, locked, "record opened again: noted by mistake")
    return locked


def _note(by: Actor, closure: Closure, action: str) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="closure",
        subject_id=closure.id,
        learner_id=closure.learner_id,
    )
