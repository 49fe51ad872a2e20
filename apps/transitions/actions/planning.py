"""The holder's side of a move: expect it, name the destination, share, redirect, withdraw."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.access.permissions import Permission, Right
from apps.access.selectors import who_may
from apps.audit import record as audit
from apps.common import clock
from apps.common.doorbell import ring
from apps.common.exceptions import Invalid, InvalidTransition, Refused
from apps.common.states import check_can_become
from apps.learners import access_rows
from apps.learners.access_rows import Grantee
from apps.learners.models import Learner, RecordHolder
from apps.notifications.actions import take_back, tell
from apps.settings.models import Setting
from apps.transitions import policy
from apps.transitions.models import Delivery, Transition
from apps.transitions.states import ENDED, LIFE

INCOMING = "is coming"
State = Transition.State


def locked(by: Actor, transition_id: UUID) -> Transition:
    """The move, locked for this transaction; raises NotVisible, or Refused to a reader.

    Row-level security lets nobody lock what they may not write.
    """
    found = (
        policy.visible_to(by)
        .select_for_update(of=("self",))
        .select_related("learner", "from_setting", "from_area", "to_setting")
        .filter(pk=transition_id)
        .first()
    )
    if found is None:
        policy.get(by, transition_id)
        raise Refused("You can read this move but not act on it.")
    return found


@transaction.atomic
def expect(
    *,
    by: Actor,
    learner: Learner,
    kind: str,
    starts_on: date,
    year_group: int,
    reason: str = "",
    to_setting: Setting | None = None,
) -> Transition:
    """Plan a move, its destination known or not. One route, whoever starts it.

    Raises Invalid for a start in the past or without a record holder, InvalidTransition when the
    learner has an open move of that sort.
    """
    policy.check_can_plan(by, learner.id)
    if kind == Transition.Kind.TIME_LIMITED:
        # The holder would have to stay: until that is built, no record may pass by mistake.
        raise Invalid("A trial cannot be planned yet.", {"kind": "Choose another kind of move."})
    _check_first_day(starts_on)
    holder = RecordHolder.objects.filter(learner=learner, ends_on=None).first()
    if holder is None:
        raise Invalid(f"{learner} has no Learner Record yet, so there is nothing to hand over.")
    move = Transition(
        learner=learner,
        kind=kind,
        from_setting_id=holder.setting_id,
        from_area_id=holder.local_area_id,
        starts_on=starts_on,
        year_group=year_group,
        reason=reason.strip(),
        opened_at=clock.now(),
        opened_by_id=by.person_id,
    )
    try:
        with transaction.atomic():
            move.save(force_insert=True)
    except IntegrityError:
        raise InvalidTransition(f"{learner} has an open move already.") from None
    _note(by, move, "move expected")
    if to_setting:
        name_destination(by=by, transition_id=move.id, to_setting=to_setting)
        move.refresh_from_db()
    return move


def _check_first_day(starts_on: date) -> None:
    if starts_on <= clock.today():
        raise Invalid(
            "The first day there has to be in the future.",
            {"starts_on": "Enter a date after today."},
        )


@transaction.atomic
def name_destination(*, by: Actor, transition_id: UUID, to_setting: Setting) -> Transition:
    """A place was offered and accepted. The destination is told nothing yet."""
    move = locked(by, transition_id)
    policy.check_can_plan(by, move.learner_id)
    if to_setting.id == move.from_setting_id:
        raise Invalid(
            "That is where the learner is now.", {"to_setting": "Choose another setting."}
        )
    if to_setting.status == Setting.Status.CLOSED:
        raise Invalid(f"{to_setting} has closed.", {"to_setting": "Choose an open setting."})
    _become(move, State.NAMED, "This move has a destination already. Redirect it instead.")
    move.to_setting = to_setting
    _save(move, "state", "to_setting")
    _queue(move, Delivery.Work.PASS, _start_of(move.starts_on), 0)
    _note(by, move, "destination named", to=to_setting.id)
    return move


@transaction.atomic
def change_first_day(*, by: Actor, transition_id: UUID, starts_on: date) -> Transition:
    """The learner starts on another day: the move goes on, and the record passes on that day.

    The destination is told where it knows of the move. Raises Invalid for a day that is not to
    come, InvalidTransition once the move has ended.
    """
    move = locked(by, transition_id)
    policy.check_can_plan(by, move.learner_id)
    if move.state in ENDED:
        raise InvalidTransition("This move has ended.")
    _check_first_day(starts_on)
    if starts_on == move.starts_on:
        return move
    before, move.starts_on = move.starts_on, starts_on
    _save(move, "starts_on")
    if move.to_setting:
        _pass_on(by, move)
    _note(by, move, "first day changed", before=before, now=starts_on)
    if move.shared_at and move.to_setting_id:
        tell(
            recipients=[move.to_setting_id],
            learner_id=move.learner_id,
            kind="first day changed",
            text=f"{move.learner}'s first day with you is now {starts_on:%-d %B %Y}.",
            link=f"/moves/{move.id}/",
            key=f"first-day:{move.id}:{move.version}",
        )
    return move


def _pass_on(by: Actor, move: Transition) -> None:
    """The work that passes the record waits for the first day as it is now."""
    waits = [Delivery.State.QUEUED, Delivery.State.DEAD]
    with rls.in_place_of(by, grants.worker()):
        moved = Delivery.objects.filter(
            transition=move, work=Delivery.Work.PASS, state__in=waits
        ).update(
            state=Delivery.State.QUEUED,
            not_before=_start_of(move.starts_on),
            attempts=0,
            last_error="",
        )
    if not moved:
        raise InvalidTransition("The record is passing at this moment. Look again in a minute.")


@transaction.atomic
def share(*, by: Actor, transition_id: UUID) -> Transition:
    """Release the package to the destination, and let its SENCO see the learner from now on."""
    move = locked(by, transition_id)
    policy.check_can_plan(by, move.learner_id)
    if move.state == State.EXPECTED:
        raise InvalidTransition("Name the destination first: a place offered and accepted.")
    record = getattr(move.learner, "record", None)
    if record is None or record.last_number == 0:
        raise InvalidTransition("There is no signed-off record to share yet.")
    _become(move, State.SHARED, "This record was shared already.")
    move.shared_at = clock.now()
    _save(move, "state", "shared_at")
    _let_in(move)
    _queue(move, Delivery.Work.PACKAGE, clock.now(), record.last_number)
    _note(by, move, "record shared", to=move.to_setting_id)
    return move


def _let_in(move: Transition) -> None:
    """The destination may read and plan; its area stands in where it has no users."""
    assert move.to_setting is not None
    _give(move, Grantee.SETTING, move.to_setting.id)
    stand_in(move)


def stand_in(move: Transition) -> None:
    """The area receives for a destination where nobody does today."""
    assert move.to_setting is not None
    if not who_may(Permission.HAND_OVER, move.to_setting.id):
        _give(move, Grantee.LOCAL_AREA, move.to_setting.local_area_id)


def _give(move: Transition, kind: str, grantee_id: UUID) -> None:
    access_rows.give(
        learner_id=move.learner_id,
        kind=kind,
        grantee_id=grantee_id,
        right=Right.CONTRIBUTE,
        reason=INCOMING,
        because_id=move.id,
    )


@transaction.atomic
def redirect(*, by: Actor, transition_id: UUID, to_setting: Setting | None, why: str) -> Transition:
    """The learner goes elsewhere: this move ends and the right one opens, in one transaction.

    The first destination sees nothing more from this moment. Returns the new move.
    """
    move = locked(by, transition_id)
    policy.check_can_plan(by, move.learner_id)
    if move.state == State.EXPECTED:
        first = "Name the destination first: there is none yet to redirect from."
        raise Invalid(first, {"to_setting": first})
    _end(by, move, State.REDIRECTED, why)
    new = expect(
        by=by,
        learner=move.learner,
        kind=move.kind,
        starts_on=move.starts_on,
        year_group=move.year_group,
        reason=move.reason,
        to_setting=to_setting,
    )
    move.redirected_to = new
    _save(move, "redirected_to")
    return new


@transaction.atomic
def withdraw(*, by: Actor, transition_id: UUID, why: str) -> Transition:
    """The move will not happen; the destination sees nothing more from this moment."""
    move = locked(by, transition_id)
    policy.check_can_plan(by, move.learner_id)
    _end(by, move, State.WITHDRAWN, why)
    return move


def _end(by: Actor, move: Transition, state: str, why: str) -> None:
    if not why.strip():
        raise Invalid("Say why.", {"why": "Enter the reason: it travels with the move."})
    _become(move, state, "This move has ended already.")
    move.end_reason = why.strip()[:300]
    _save(move, "state", "end_reason")
    access_rows.end(learner_id=move.learner_id, reason=INCOMING)
    if move.to_setting_id:
        take_back(recipients=[move.to_setting_id], learner_id=move.learner_id)
    _note(by, move, f"move {state}", why=move.end_reason)


def _become(move: Transition, state: str, sentence: str) -> None:
    if move.state in ENDED:
        sentence = "This move has ended."
    check_can_become(LIFE, move.state, state, sentence)
    move.state = state


def _save(move: Transition, *fields: str) -> None:
    move.version += 1
    move.save(update_fields=[*fields, "version"])


def _queue(move: Transition, work: str, not_before: datetime, review_number: int) -> None:
    """Write the outbox row, in this transaction; the worker is rung once it has committed."""
    row = Delivery(
        transition=move,
        learner_id=move.learner_id,
        work=work,
        review_number=review_number,
        holder_id=move.from_setting_id or move.from_area_id,  # type: ignore[misc]
        receiver_id=move.to_setting_id,
        not_before=not_before,
        created_at=clock.now(),
    )
    row.save(force_insert=True)
    if not_before <= clock.now():
        ring("transitions.work", row.id)


def _start_of(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _note(by: Actor, move: Transition, action: str, **detail: object) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="transition",
        subject_id=move.id,
        learner_id=move.learner_id,
        detail=detail,
    )
