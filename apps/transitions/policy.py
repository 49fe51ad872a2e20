"""Who may plan a move, send and receive a handover, and see it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.access.selectors import who_may
from apps.common.exceptions import NotVisible, Refused
from apps.learners import policy as learners_policy
from apps.transitions.models import Package, Transition


def visible_to(actor: Actor) -> QuerySet[Transition]:
    """Moves of learners whom this actor may see.

    The destination sees a learner from *shared* on; before that a move tells it nothing
    (report L2507).
    """
    return Transition.objects.filter(learners_policy.whereabouts_seen_by(actor, "learner_id"))


def get(actor: Actor, transition_id: UUID) -> Transition:
    """A move that the actor may see; raises NotVisible."""
    found = (
        visible_to(actor)
        .select_related("learner", "from_setting", "from_area", "to_setting")
        .filter(pk=transition_id)
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
    stands_in = actor.may(
        Permission.HAND_OVER, transition.to_setting.local_area_id
    ) and not who_may(Permission.HAND_OVER, transition.to_setting.id)
    if not (at_destination or stands_in):
        raise Refused("Only the destination's SENCO can do that.")


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
    if not can(check_can_try_again, actor, transition):
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
    """The organisation for which the actor speaks on this move; raises Refused."""
    sides = {transition.from_setting_id, transition.from_area_id, transition.to_setting_id} - {None}
    speaking = [o for o in actor.organisations(Permission.HAND_OVER) if o in sides]
    if not speaking:
        raise Refused("Only the two settings of this move can ask and answer.")
    return speaking[0]


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
