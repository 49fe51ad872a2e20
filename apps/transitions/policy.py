"""Who may plan a move, send and receive a handover, and see it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.access.selectors import who_may
from apps.common.exceptions import NotVisible, Refused
from apps.learners import policy as learners_policy
from apps.learners.models import RecordHolder
from apps.transitions.models import Package, Transition


def visible_to(actor: Actor) -> QuerySet[Transition]:
    """Moves of learners whom this actor may see.

    The destination sees a learner from *shared* on; before that a move tells it nothing
    (report L2507).
    """
    return Transition.objects.filter(learners_policy.whereabouts_seen_by(actor, "learner_id"))


def handed_over_by(actor: Actor) -> Q:
    """The condition that a setting of the actor handed a record over: the move itself is theirs.

    Its steps and questions, that is, and of the record no more than they read before
    (`reviews.held`).
    """
    held = RecordHolder.objects.filter(
        learner_id=OuterRef("learner_id"), setting_id=OuterRef("from_setting_id"), sealed=False
    )
    return Q(
        Exists(held),
        state=Transition.State.COMPLETED,
        from_setting_id__in=actor.organisations(Permission.HAND_OVER),
    )


def knows_the_move_alone(actor: Actor, transition: Transition) -> bool:
    """Whether the actor handed this record over and sees the learner no more."""
    return (
        transition.state == Transition.State.COMPLETED
        and transition.from_setting_id in actor.organisations(Permission.HAND_OVER)
        and learners_policy.right_of(actor, transition.learner_id) is None
    )


def get(actor: Actor, transition_id: UUID) -> Transition:
    """A move that the actor may see, or whose record they handed over; raises NotVisible."""
    seen = Q(learners_policy.whereabouts_seen_by(actor, "learner_id"))
    found = (
        Transition.objects.filter(seen | handed_over_by(actor), pk=transition_id)
        # Not with the learner, whom a setting that handed over reads no more.
        .select_related("from_setting", "from_area", "to_setting")
        .first()
    )
    if found is None:
        raise NotVisible
    return found


def package(actor: Actor, transition_id: UUID, number: int) -> Package:
    """A package of a move, for those who work with the learner; raises NotVisible.

    A family reads the record itself: a package may have what is for staff only in it.
    """
    move = get(actor, transition_id)
    rows = Package.objects.filter(learners_policy.worked_with_by(actor, "learner_id"))
    found = rows.filter(transition=move, number=number).first()
    if found is None:
        raise NotVisible
    return found


def check_can_plan(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible or Refused unless the actor hands over for whoever holds the record."""
    learners_policy.check_can_hold(actor, learner_id)
    if actor.kind != "worker" and not actor.may(Permission.HAND_OVER):
        raise Refused("Only the SENCO, an assistant or the area's officer can do that.")


def check_can_receive(actor: Actor, transition: Transition) -> None:
    """Raises Refused unless the actor receives for the destination, or stands in for it.

    Where a destination has no users, its local area's officer stands in for the SENCO.
    """
    learners_policy.check_can_contribute(actor, transition.learner_id)
    if transition.to_setting is None:
        raise Refused("This move has no destination yet.")
    at_destination = actor.may(Permission.HAND_OVER, transition.to_setting_id)
    if not (at_destination or _stands_in(actor, transition)):
        raise Refused("Only the destination's SENCO can do that.")


def _stands_in(actor: Actor, transition: Transition) -> bool:
    to = transition.to_setting
    return (
        to is not None
        and actor.may(Permission.HAND_OVER, to.local_area_id)
        and not who_may(Permission.HAND_OVER, to.id)
    )


def can(check: object, *args: object) -> bool:
    """Whether a `check_can_…` of this module would pass."""
    try:
        check(*args)  # type: ignore[operator]
    except (NotVisible, Refused):
        return False
    return True


def check_takes_part(actor: Actor, transition: Transition) -> None:
    """Raises Refused unless the actor hands over for one of the two sides, or oversees the move.

    What each step needs besides, its own action asks.
    """
    if not (can(check_can_talk, actor, transition) or can(check_can_try_again, actor, transition)):
        raise Refused("Only the two settings of this move can take its steps.")


def check_can_try_again(actor: Actor, transition: Transition) -> None:
    """Raises Refused unless the actor is of either side, stands in, or oversees the area."""
    if not (
        can(check_can_plan, actor, transition.learner_id)
        or can(check_can_receive, actor, transition)
        or Transition.objects.filter(in_area(actor), pk=transition.pk).exists()
    ):
        raise Refused("Only the two settings of this move and their local area can do that.")


def check_can_talk(actor: Actor, transition: Transition) -> UUID:
    """The side for which the actor speaks on this move, or for which they stand in.

    Raises Refused.
    """
    sides = {transition.from_setting_id, transition.from_area_id, transition.to_setting_id} - {None}
    speaking = [o for o in actor.organisations(Permission.HAND_OVER) if o in sides]
    if speaking:
        return speaking[0]
    if transition.to_setting_id and _stands_in(actor, transition):
        return transition.to_setting_id
    raise Refused("Only the two settings of this move can ask and answer.")


def check_can_answer(actor: Actor, transition: Transition, asked_for: UUID) -> None:
    """Raises Refused to the side that asked the question; the other one answers."""
    if asked_for == check_can_talk(actor, transition):
        raise Refused("The other setting answers this question.")


def in_area(actor: Actor) -> Q:
    """The condition that a move is from or to an area that the actor oversees, or a resident's."""
    areas = actor.organisations(Permission.OVERSEE_AREA)
    return (
        Q(from_setting__local_area_id__in=areas)
        | Q(to_setting__local_area_id__in=areas)
        | Q(from_area_id__in=areas)
        | Q(learner__home_area_id__in=areas)
    )
