"""The destination's side: receipt, settling-in, how each support is carried out, questions.

These are dated steps as well as states: what was not done before the start date stays a duty and
can be done after the record has passed.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible
from apps.common.states import can_become, check_can_become
from apps.learners import access_rows
from apps.notifications.actions import tell
from apps.reviews.models import Kind, Statement
from apps.transitions import policy
from apps.transitions.actions.planning import INCOMING, State, locked
from apps.transitions.models import DayOne, Query, SettlingIn, Transition
from apps.transitions.states import LIFE, WITH_DESTINATION


@transaction.atomic
def receive(*, by: Actor, transition_id: UUID) -> Transition:
    """The destination's SENCO opened the record. A second time changes nothing."""
    move = locked(by, transition_id)
    policy.check_can_receive(by, move)
    if move.received_at:
        return move
    _step(move, State.RECEIVED, "received_at", "The record has not been shared yet.")
    _note(by, move, "record received")
    _tell_sender(move, "handover received", f"{move.to_setting} has opened {_whose(move)} record.")
    return move


@transaction.atomic
def plan_settling_in(
    *, by: Actor, transition_id: UUID, kind: str, on: date, what: str
) -> SettlingIn:
    """Plan a visit, a meeting or a conversation. The first one makes the move *settling in*."""
    move = locked(by, transition_id)
    policy.check_can_receive(by, move)
    if move.received_at is None:
        raise InvalidTransition("Open the record first, so that the other setting knows.")
    errors = {}
    if not what.strip():
        errors["what"] = "Say what is planned."
    if kind not in SettlingIn.Kind.values:
        errors["kind"] = "Choose what is planned."
    if errors:
        raise Invalid("There is a problem with what you entered.", errors)
    plan = SettlingIn.objects.create(
        transition=move,
        learner_id=move.learner_id,
        kind=kind,
        on=on,
        what=what.strip()[:300],
        planned_by_id=by.person_id,
    )
    if move.settling_in_at is None:
        _step(move, State.SETTLING_IN, "settling_in_at", "This move has ended.")
    _note(by, move, "settling-in planned", kind=kind, on=str(on))
    return plan


@transaction.atomic
def accept(*, by: Actor, transition_id: UUID, day_one: dict[UUID, str]) -> Transition:
    """Say how each support in force will be carried out from day one: support key → how.

    Raises Invalid naming the supports without an answer.
    """
    move = locked(by, transition_id)
    policy.check_can_receive(by, move)
    if move.received_at is None:
        raise InvalidTransition("Open the record first, so that the other setting knows.")
    if move.accepted_at:
        raise InvalidTransition("This record was accepted already.")
    supports = Statement.objects.filter(
        learner_id=move.learner_id, kind=Kind.SUPPORT, withdrawn_no=None
    )
    missing = {f"support-{s.id}": "Say how." for s in supports if not day_one.get(s.id, "").strip()}
    if missing:
        raise Invalid("Say how each support will be carried out from day one.", missing)
    DayOne.objects.bulk_create(
        [
            DayOne(
                transition=move,
                learner_id=move.learner_id,
                support=s,
                how=day_one[s.id].strip()[:500],
            )
            for s in supports
        ]
    )
    _step(move, State.ACCEPTED, "accepted_at", "This move has ended.")
    if move.state == State.COMPLETED:
        # Whoever stood in for the destination has done what there was to do.
        with rls.in_place_of(by, grants.worker(move.to_setting_id)):  # type: ignore[arg-type]
            access_rows.end(learner_id=move.learner_id, reason=INCOMING)
    _note(by, move, "record accepted")
    _tell_sender(move, "handover accepted", f"{move.to_setting} is ready: {_whose(move)} move.")
    return move


@transaction.atomic
def ask(*, by: Actor, transition_id: UUID, question: str) -> Query:
    """Ask the other setting. A question is never a refusal and stops nothing."""
    move = locked(by, transition_id)
    organisation = policy.check_can_talk(by, move)
    if not question.strip():
        raise Invalid("Write the question.", {"question": "Write the question."})
    query = Query.objects.create(
        transition=move,
        learner_id=move.learner_id,
        asked_by_id=by.person_id,
        asked_for=organisation,
        asked_at=clock.now(),
        question=question.strip(),
    )
    _note(by, move, "question asked")
    others = {move.from_setting_id, move.from_area_id, move.to_setting_id} - {None, organisation}
    tell(
        recipients=[o for o in others if o],
        learner_id=move.learner_id,
        kind="question about a move",
        text=f"There is a question about {_whose(move)} move.",
        link=f"/moves/{move.id}/",
        key=f"query:{query.id}",
    )
    return query


@transaction.atomic
def answer(*, by: Actor, query_id: UUID, text: str) -> Query:
    """Answer the other setting's question, and tell it so.

    The old setting does after the first day too, when the move is no more its own to act on: the
    question alone is locked.
    """
    query = Query.objects.select_for_update().filter(pk=query_id).first()
    if query is None:
        raise NotVisible
    move = policy.get(by, query.transition_id)
    policy.check_can_answer(by, move, query.asked_for)
    if query.answered_at:
        raise InvalidTransition("This question has been answered.")
    if not text.strip():
        raise Invalid("Write the answer.", {"answer": "Write the answer."})
    query.answer = text.strip()
    query.answered_at = clock.now()
    query.answered_by_id = by.person_id
    query.save(update_fields=["answer", "answered_at", "answered_by"])
    _note(by, move, "question answered")
    tell(
        recipients=[query.asked_for],
        learner_id=move.learner_id,
        kind="answer about a move",
        text=f"A question about {_whose(move)} move is answered.",
        link=f"/moves/{move.id}/",
        key=f"answer:{query.id}",
    )
    return query


def _whose(move: Transition) -> str:
    """By name until the first day: the old setting knows a learner by the name of its own time."""
    return "a learner's" if move.state == State.COMPLETED else f"{move.learner}'s"


def _step(move: Transition, state: str, stamp: str, sentence: str) -> None:
    """Date the step; move the state on unless the record has passed already."""
    fields = [stamp, "version"]
    if move.state != State.COMPLETED:
        if move.state not in WITH_DESTINATION or not can_become(LIFE, move.state, state):
            check_can_become(LIFE, move.state, state, sentence)
        move.state = state
        fields.append("state")
    setattr(move, stamp, clock.now())
    move.version += 1
    move.save(update_fields=fields)


def _tell_sender(move: Transition, kind: str, text: str) -> None:
    sender = move.from_setting_id or move.from_area_id
    if sender:
        tell(
            recipients=[sender],
            learner_id=move.learner_id,
            kind=kind,
            text=text,
            link=f"/moves/{move.id}/",
            key=f"{kind}:{move.id}",
        )


def _note(by: Actor, move: Transition, action: str, **detail: object) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="transition",
        subject_id=move.id,
        learner_id=move.learner_id,
        detail=detail,
    )
