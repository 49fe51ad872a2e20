"""Who may see and change a learner: rows of learner access, read here and nowhere else.

Row-level security says the same again in the database.
"""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.permissions import Permission, Right
from apps.common import clock
from apps.common.exceptions import InvalidTransition, NotVisible, Refused
from apps.learners.models import FamilyMember, Learner, LearnerAccess

CLOSED = "This record is closed. You can read it, and nothing is added to it."
NOT_THE_HOLDER = "Only the setting that holds this record can do that."


def current_access() -> QuerySet[LearnerAccess]:
    """The rows of learner access that count today."""
    asked()
    today = clock.today()
    return LearnerAccess.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today), starts_on__lte=today
    )


def seen_by(actor: Actor, learner: str = "pk") -> Exists:
    """The condition, for any queryset, that `actor` may see the learner in the column `learner`."""
    return Exists(
        current_access().filter(
            learner_id=OuterRef(learner), grantee_id__in=actor.reaching(Right.READ)
        )
    )


def worked_with_by(actor: Actor, learner: str = "pk") -> Exists:
    """The condition that `actor` may see the learner by a role: one's own child is not enough."""
    rows = current_access().filter(
        learner_id=OuterRef(learner), grantee_id__in=actor.reaching(Right.READ)
    )
    return Exists(rows.exclude(grantee_kind=LearnerAccess.Grantee.USER))


def held_by(actor: Actor, learner: str = "pk") -> Exists:
    """The condition that `actor` keeps the record of the learner in the column `learner`."""
    return Exists(
        current_access().filter(
            learner_id=OuterRef(learner),
            grantee_id__in=actor.reaching(Right.HOLD),
            access_right=Right.HOLD,
        )
    )


def whereabouts_seen_by(actor: Actor, learner: str = "pk") -> Exists:
    """The condition that `actor` may see the learner, and know where they are and by whom kept."""
    return Exists(
        current_access().filter(
            learner_id=OuterRef(learner),
            grantee_id__in=actor.reaching(Right.READ),
            knows_where=True,
        )
    )


def knows_where(actor: Actor, learner_id: UUID) -> bool:
    """Whether this actor, who may see the learner, may know where they are."""
    rows = current_access().filter(learner_id=learner_id, knows_where=True)
    return rows.filter(grantee_id__in=actor.reaching(Right.READ)).exists()


def visible_to(actor: Actor) -> QuerySet[Learner]:
    """The learners that this actor may see."""
    return Learner.objects.filter(seen_by(actor))


def right_of(actor: Actor, learner_id: UUID) -> Right | None:
    """The most that this actor may do with this learner: one query."""
    return _granted(actor, learner_id)[0]


def _granted(actor: Actor, learner_id: UUID) -> tuple[Right | None, bool]:
    """The right, and whether the record is closed."""
    rows = current_access().filter(learner_id=learner_id, grantee_id__in=actor.reaching(Right.READ))
    best: Right | None = None
    closed = False
    for grantee, granted, because in rows.values_list(
        "grantee_id", "access_right", "learner__closed_because"
    ):
        closed = bool(because)
        for right in Right:
            usable = right.rank <= Right(granted).rank and grantee in actor.reaching(right)
            if usable and (best is None or right.rank > best.rank):
                best = right
    return best, closed


def check_can_read(actor: Actor, learner_id: UUID) -> Right:
    """The actor's right; raises NotVisible when there is none."""
    right = right_of(actor, learner_id)
    if right is None:
        raise NotVisible
    return right


def check_can_contribute(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible for a stranger, Refused for a reader, InvalidTransition once closed."""
    right, closed = _granted(actor, learner_id)
    if right is None:
        raise NotVisible
    if right.rank < Right.CONTRIBUTE.rank:
        raise Refused("You can read this record but not add to it.")
    if closed:
        raise InvalidTransition(CLOSED)


def check_can_keep(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible for a stranger, Refused for anyone who does not keep the record.

    For what is right to do with a closed record too: a copy, the end of somebody's access.
    """
    if check_can_read(actor, learner_id) is not Right.HOLD:
        raise Refused(NOT_THE_HOLDER)


def adds_as_specialist(actor: Actor, learner_id: UUID) -> bool:
    """Whether a referral is all that lets the actor add to this record, besides being family."""
    rows = current_access().filter(
        learner_id=learner_id,
        grantee_id__in=actor.reaching(Right.CONTRIBUTE),
        access_right__in=[Right.CONTRIBUTE, Right.HOLD],
    )
    kinds = set(rows.values_list("grantee_kind", flat=True)) - {LearnerAccess.Grantee.USER}
    return kinds == {LearnerAccess.Grantee.DEPLOYMENT}


def works_with(actor: Actor, learner_id: UUID) -> bool:
    """Whether the actor may add to this record for an organisation, and not only as family."""
    rows = current_access().filter(
        learner_id=learner_id,
        grantee_id__in=actor.reaching(Right.CONTRIBUTE),
        access_right__in=[Right.CONTRIBUTE, Right.HOLD],
    )
    return rows.exclude(grantee_kind=LearnerAccess.Grantee.USER).exists()


def check_can_hold(actor: Actor, learner_id: UUID) -> None:
    """As `check_can_keep`, for what changes a record; InvalidTransition once it is closed."""
    right, closed = _granted(actor, learner_id)
    if right is None:
        raise NotVisible
    if right is not Right.HOLD:
        raise Refused(NOT_THE_HOLDER)
    if closed:
        raise InvalidTransition(CLOSED)


def check_can_add(actor: Actor, setting_id: UUID) -> None:
    """Raises Refused unless the actor brings learners into this setting."""
    if not (actor.may(Permission.IMPORT, setting_id) or setting_id in actor.extra_holds):
        raise Refused("Only the SENCO or an assistant can add learners to this setting.")


def check_guards(actor: Actor, setting_id: UUID) -> None:
    """Raises Refused unless the actor guards the readings of this setting's records."""
    if not (actor.may(Permission.GUARD_READINGS, setting_id) or setting_id in actor.extra_holds):
        raise Refused("Only the head and the designated safeguarding lead can see this.")


def check_can_guard(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible for a stranger, Refused unless they guard readings where the right is."""
    check_can_read(actor, learner_id)
    guarded = actor.organisations(Permission.GUARD_READINGS)
    if not current_access().filter(learner_id=learner_id, grantee_id__in=guarded).exists():
        raise Refused("Only the head and the designated safeguarding lead can do that.")


def guards(actor: Actor, learner_id: UUID) -> bool:
    """Whether the actor may withhold readings of this learner's record from the family."""
    try:
        check_can_guard(actor, learner_id)
    except Refused:
        return False
    return True


def check_can_withhold_where(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible or Refused unless the actor may withhold from family where a learner is.

    Whoever holds the record may; the head and the safeguarding lead of a setting where the learner
    is; and an officer of an area that oversees the record.
    """
    if check_can_read(actor, learner_id) is Right.HOLD or guards(actor, learner_id):
        return
    areas = actor.organisations(Permission.OVERSEE_AREA)
    if not current_access().filter(learner_id=learner_id, grantee_id__in=areas).exists():
        raise Refused(
            "Only the SENCO, the head, the safeguarding lead or the local area can do that."
        )


def own_member(actor: Actor, learner_id: UUID) -> FamilyMember | None:
    """The actor as the young person whose record it is, while they may see it."""
    return FamilyMember.objects.filter(
        seen_by(actor, "learner_id"),
        learner_id=learner_id,
        user_id=actor.key,
        relation=FamilyMember.Relation.SELF,
        may_see=True,
    ).first()


def check_is_young_person(actor: Actor, learner_id: UUID) -> FamilyMember:
    """The actor as the young person; raises NotVisible to anybody else."""
    member = own_member(actor, learner_id)
    if member is None:
        raise NotVisible
    return member
