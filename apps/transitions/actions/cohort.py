"""Handing over a whole year: who of it has no destination yet, and one act for all who have."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.common.exceptions import DomainError, InvalidTransition
from apps.learners.models import Learner
from apps.settings.models import Setting
from apps.transitions.actions import planning
from apps.transitions.models import Transition
from apps.transitions.states import ENDED


@dataclass(frozen=True)
class Outcome:
    """What came of one learner's hand-over: the move, or why there is none."""

    learner_id: UUID
    move: Transition | None = None
    refused: str = ""


def hand_over(
    *,
    by: Actor,
    destinations: Mapping[UUID, Setting],
    starts_on: date,
    year_group: int,
) -> list[Outcome]:
    """Plan each move that is not planned yet, name its destination and share the record.

    One learner's refusal stops no other's: each is whole by itself, and safe to repeat.
    `destinations` maps a learner's key to where a place is offered and accepted.
    """
    done = []
    for learner_id, to_setting in destinations.items():
        try:
            with transaction.atomic():
                move = _hand_over(by, learner_id, to_setting, starts_on, year_group)
        except DomainError as refused:
            done.append(Outcome(learner_id, refused=str(refused)))
        else:
            done.append(Outcome(learner_id, move))
    return done


def _hand_over(
    by: Actor, learner_id: UUID, to_setting: Setting, starts_on: date, year_group: int
) -> Transition:
    open_moves = Transition.objects.filter(learner_id=learner_id).exclude(state__in=ENDED)
    move = open_moves.exclude(kind=Transition.Kind.TIME_LIMITED).first()
    if move is None:
        move = planning.expect(
            by=by,
            learner=Learner.objects.get(pk=learner_id),
            kind=Transition.Kind.PHASE,
            starts_on=starts_on,
            year_group=year_group,
        )
    move = planning.locked(by, move.id)
    if move.state == Transition.State.EXPECTED:
        planning.name_destination(by=by, transition_id=move.id, to_setting=to_setting)
    elif move.to_setting_id != to_setting.id:
        raise InvalidTransition(
            f"This move goes to {move.to_setting} already. Redirect it on its own page first."
        )
    return planning.share(by=by, transition_id=move.id)
