"""What stops when a record is closed, whatever the reason, and comes back when that is undone.

Messages, codes, reviews, meetings, moves and their work, places and register entries. The rows are
changed here; that no new one comes is the database's to see (`lives_refuse_closed`).
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import connection, models
from django.db.models import Q

from apps.access.grants import Actor
from apps.access.models import Invitation
from apps.common import clock
from apps.common.exceptions import InvalidTransition
from apps.learners.models import (
    CensusCode,
    EHCPlan,
    Enrolment,
    Learner,
    LearnerAccess,
    RecordHolder,
)
from apps.lives.changes import Changes
from apps.lives.models import Closure
from apps.register.models import RegisterEntry
from apps.reviews.meetings import TO_COME
from apps.reviews.models import Meeting, Review
from apps.transitions.actions.planning import INCOMING
from apps.transitions.models import Delivery, Transition
from apps.transitions.states import ENDED

STOPPED = "closed"  # the part of the changes that is the closed learner's own
MESSAGES = "messages"


def lock(learner_id: UUID) -> Learner:
    """The learner and their open moves, so that no work is under way while the record closes."""
    list(Transition.objects.select_for_update().filter(learner_id=learner_id))
    return Learner.objects.select_for_update(of=("self",)).get(pk=learner_id)


def stop(learner: Learner, changes: Changes, because: str) -> None:
    """Stop all that is under way about a learner. `because` is what ended moves and places say."""
    _stop_moves(learner, changes, because)
    for review in Review.objects.filter(learner=learner, state=Review.State.OPEN):
        changes.update(STOPPED, review, state=Review.State.LAPSED, version=review.version + 1)
    for meeting in Meeting.objects.filter(learner=learner, state__in=TO_COME):
        changes.update(STOPPED, meeting, state=Meeting.State.CALLED_OFF, why_not=because)
    now = clock.now()
    for code in Invitation.objects.filter(
        learner_id=learner.id, accepted_at=None, expires_at__gt=now
    ):
        changes.update(STOPPED, code, expires_at=now)
    _end_facts(learner, changes, because)
    with connection.cursor() as cursor:
        cursor.execute("SELECT lives_quiet(%s)", [learner.id])
        quieted = cursor.fetchone()[0]
    changes.kept.append({"part": MESSAGES, "ids": [str(key) for key in quieted]})


def _stop_moves(learner: Learner, changes: Changes, because: str) -> None:
    """Open moves end, and those on their way to a destination are seen there no more.

    The rows of their work stay as they are: the worker finds the move ended and does nothing.
    """
    moves = Transition.objects.filter(learner=learner).exclude(state__in=ENDED)
    for work in Delivery.objects.filter(transition__in=moves).exclude(state=Delivery.State.DONE):
        names = ("state", "not_before", "attempts", "last_error", "claimed_at", "done_at")
        changes.note(STOPPED, work, *names)
    for move in moves:
        changes.update(
            STOPPED,
            move,
            state=Transition.State.WITHDRAWN,
            end_reason=because,
            version=move.version + 1,
        )
    for access in LearnerAccess.objects.filter(learner=learner, reason=INCOMING, ends_on=None):
        changes.update(STOPPED, access, ends_on=clock.today())


def _end_facts(learner: Learner, changes: Changes, because: str) -> None:
    """Places, plan and census code end today; so does every line on a register."""
    today = clock.today()
    now_on = Q(ends_on=None) | Q(ends_on__gt=today)
    for place in Enrolment.objects.filter(now_on, learner=learner):
        changes.end(STOPPED, place, today, leaving_reason=because)
    facts: list[models.Model] = [
        *EHCPlan.objects.filter(now_on, learner=learner),
        *CensusCode.objects.filter(now_on, learner=learner),
    ]
    for fact in facts:
        changes.end(STOPPED, fact, today)
    for entry in RegisterEntry.objects.filter(learner=learner, ends_on=None):
        ends_on = max(today, entry.starts_on)
        changes.update(STOPPED, entry, ends_on=ends_on, leaving_reason=because)


def close(
    *, by: Actor, learner: Learner, because: str, why: str, changes: Changes, **values: Any
) -> Closure:
    """Say that the record is closed, now that everything about it has stopped."""
    died_on = values.pop("died_on", None)
    changes.update(
        STOPPED, learner, closed_because=because, died_on=died_on, version=learner.version + 1
    )
    closure = Closure(
        learner=learner,
        because=because,
        known_as=learner.display_name,
        name_key=learner.name_key,
        born=learner.date_of_birth,
        why=why,
        changed=changes.kept,
        closed_at=clock.now(),
        closed_by_id=by.key,
        closed_by_name=by.name,
        **values,
    )
    closure.save(force_insert=True)
    return closure


def reopen(closure: Closure, *parts: str) -> None:
    """Open the record again and restore everything that closing it stopped."""
    # The learner first: nothing of a closed record may be opened.
    Learner.objects.filter(pk=closure.learner_id).update(closed_because="", died_on=None)
    Changes(closure.changed).undo(STOPPED, *parts)
    with connection.cursor() as cursor:
        cursor.execute("SELECT lives_unquiet(%s)", [closure.id])


def mark_undone(closure: Closure, by: Actor, why: str) -> None:
    """Keep who undid the closing, and why."""
    closure.undone_at = clock.now()
    closure.undone_by_id = by.person_id
    closure.undone_by_name = by.name
    closure.undone_why = why
    closure.save(update_fields=["undone_at", "undone_by", "undone_by_name", "undone_why"])


def holder_of(learner: Learner) -> UUID:
    """Who holds the record; before the first entry, the setting of the main enrolment.

    Raises InvalidTransition where there is neither.
    """
    holder = RecordHolder.objects.filter(learner=learner, ends_on=None).first()
    held = (holder.setting_id or holder.local_area_id) if holder else None
    if held is None:
        main = Enrolment.objects.filter(learner=learner, kind="main", ends_on=None).first()
        held = main.setting_id if main else None
    if held is None:
        raise InvalidTransition(f"Nobody keeps {learner} now.")
    return held


def unsettled(learner_id: UUID) -> bool:
    """Whether a legal hold or a decision of two people concerns this record (`apps.rights`)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rights_unsettled(%s)", [learner_id])
        return bool(cursor.fetchone()[0])
