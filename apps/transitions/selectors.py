"""Reading moves: what is going out, what is coming in, what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from apps.access.grants import Actor
from apps.common import clock
from apps.learners import policy as learners_policy
from apps.learners.models import Enrolment
from apps.transitions import policy
from apps.transitions.models import Delivery, Transition
from apps.transitions.states import ENDED, MOST_ATTEMPTS

S = Transition.State
# How long before the first day each step should have been taken; the area's calendar from M5 on.
SHARED_BEFORE = timedelta(days=60)
NAMED_BEFORE = timedelta(days=90)
RECEIVED_WITHIN = timedelta(days=14)
ACCEPTED_BEFORE = timedelta(days=21)


# The work of a move that did not go through after five attempts.
_NEEDS_HELP = Q(state__in=[Delivery.State.QUEUED, Delivery.State.DEAD], attempts__gte=MOST_ATTEMPTS)


def _rows(actor: Actor) -> QuerySet[Transition]:
    """With `stuck`, by which `lateness` knows of work that needs help."""
    stuck = Exists(Delivery.objects.filter(_NEEDS_HELP, transition_id=OuterRef("pk")))
    rows = policy.visible_to(actor).annotate(stuck=stuck)
    return rows.select_related("learner", "from_setting", "from_area", "to_setting")


def need_help(move: Transition) -> QuerySet[Delivery]:
    """The work of a move that did not go through after five attempts."""
    return Delivery.objects.filter(_NEEDS_HELP, transition=move)


def moves_out(actor: Actor, organisation_id: UUID) -> list[Transition]:
    """Open moves away from a setting or area, the soonest first."""
    rows = _rows(actor).exclude(state__in=ENDED)
    out = rows.filter(from_setting_id=organisation_id) | rows.filter(from_area_id=organisation_id)
    return list(out.order_by("starts_on", "learner__name_key"))


def moves_in(actor: Actor, setting_id: UUID) -> list[Transition]:
    """Moves towards a setting from *shared* on; those passed stay while a step is outstanding."""
    rows = _rows(actor).filter(to_setting_id=setting_id, shared_at__isnull=False)
    current = rows.exclude(state__in=ENDED) | rows.filter(state=S.COMPLETED, accepted_at=None)
    return list(current.order_by("starts_on", "learner__name_key"))


@dataclass(frozen=True)
class Leaver:
    """Somebody of a year whose record is not shared yet, and the destination if it is named."""

    learner_id: UUID
    name: str
    class_name: str
    to: str


def leavers(actor: Actor, setting_id: UUID, year_group: int) -> list[Leaver]:
    """Those of a year group with a record held here that no move has shared yet: one query."""
    today = clock.today()
    shared = Transition.objects.filter(learner_id=OuterRef("learner_id"))
    going = shared.exclude(state__in=ENDED).exclude(kind=Transition.Kind.TIME_LIMITED)
    rows = (
        Enrolment.objects.filter(
            Q(ends_on=None) | Q(ends_on__gt=today),
            learners_policy.seen_by(actor, "learner_id"),
            setting_id=setting_id,
            starts_on__lte=today,
            kind=Enrolment.Kind.MAIN,
            year_group=year_group,
            learner__record__last_number__gt=0,
        )
        .exclude(Exists(going.filter(shared_at__isnull=False)))
        .annotate(to=Subquery(going.values("to_setting__name")[:1]))
        .select_related("learner")
        .order_by("learner__name_key", "id")
    )
    return [Leaver(e.learner_id, str(e.learner), e.class_name, e.to or "") for e in rows]


def of_learner(actor: Actor, learner_id: UUID) -> list[Transition]:
    """Every move of a learner, newest first."""
    return list(_rows(actor).filter(learner_id=learner_id).order_by("-opened_at"))


@dataclass(frozen=True)
class Told:
    """What was sent to whom: the record as it stood at a review, and when it was opened there."""

    made_at: datetime
    review_number: int
    number: int
    sent_to: str
    opened_at: datetime | None


def told(actor: Actor, learner_id: UUID) -> list[Told]:
    """What was sent to others about a learner, newest first."""
    learners_policy.check_can_read(actor, learner_id)
    if not learners_policy.knows_where(actor, learner_id):
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM transitions_told(%s)", [learner_id])
        return [Told(*row) for row in cursor.fetchall()]


def in_area(actor: Actor) -> list[Transition]:
    """Open moves from and to the settings of the actor's local areas."""
    rows = _rows(actor).filter(policy.in_area(actor)).exclude(state__in=ENDED)
    return list(rows.order_by("starts_on", "learner__name_key"))


def lateness(move: Transition, today: date | None = None) -> str:
    """What is late about a move, as a sentence; empty when nothing is."""
    today = today or clock.today()
    return _not_gone_through(move, today) or _step_late(move, today)


def _not_gone_through(move: Transition, today: date) -> str:
    if move.state in ENDED:
        return ""
    if move.to_setting_id and move.starts_on < today:
        return f"The record should have passed on {move.starts_on:%-d %B %Y}."
    return "What was shared has not gone through." if getattr(move, "stuck", False) else ""


def _step_late(move: Transition, today: date) -> str:
    left = move.starts_on - today
    if move.state == S.EXPECTED and left < NAMED_BEFORE:
        return "No destination is named yet."
    if move.state == S.NAMED and left < SHARED_BEFORE:
        return "The record has not been shared yet."
    if move.state in ENDED and move.state != S.COMPLETED:
        return ""
    if move.shared_at and not move.received_at:
        waiting = today - move.shared_at.date()
        if waiting > RECEIVED_WITHIN or left < timedelta(0):
            return "The destination has not opened the record."
    if move.received_at and not move.accepted_at and left < ACCEPTED_BEFORE:
        return "The destination has not said how support will be carried out."
    return ""


@dataclass(frozen=True)
class Step:
    """One step of a handover for the step-by-step page."""

    name: str
    done_at: object
    outstanding: bool


def steps(move: Transition) -> list[Step]:
    """The steps of a handover in order; what was not done before the start stays outstanding."""
    passed = move.state == S.COMPLETED
    dated = [
        ("Destination named", move.to_setting_id and move.opened_at),
        ("Record shared", move.shared_at),
        ("Received by the destination", move.received_at),
        ("Settling-in planned", move.settling_in_at),
        ("Accepted: support planned from day one", move.accepted_at),
        ("Record passed", move.completed_at),
    ]
    return [Step(name, at, outstanding=passed and not at) for name, at in dated]
