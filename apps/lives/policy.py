"""Who may close a record, join two, undo either, and decide on an adoption."""

from __future__ import annotations

from uuid import UUID

from apps.access import policy as access
from apps.access.grants import Actor
from apps.access.permissions import Permission, Right
from apps.common.exceptions import NotVisible, Refused
from apps.learners import policy as learners
from apps.learners.access_rows import Grantee
from apps.learners.models import Learner, RecordHolder
from apps.lives.models import Adoption, Closure


def check_can_close(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible, Refused, or InvalidTransition once closed, unless the actor keeps it."""
    learners.check_can_hold(actor, learner_id)
    if not (actor.may(Permission.REVIEW) and actor.kind == "person"):
        raise Refused("Only the SENCO, an assistant or the area's officer can close a record.")


def get(actor: Actor, learner_id: UUID) -> Closure:
    """The closure in force of a learner whom the actor may read; raises NotVisible."""
    learners.check_can_read(actor, learner_id)
    found = Closure.objects.filter(learner_id=learner_id, undone_at=None).first()
    if found is None:
        raise NotVisible
    return found


def check_can_undo(actor: Actor, closure: Closure) -> None:
    """Raises Refused unless the actor is a second person of the setting or area.

    Another who keeps the record, the head, the safeguarding lead or the area's officer.
    """
    if not _answers_for(actor, held_now(closure), closure.learner_id):
        raise Refused("Only the setting that holds this record, or its local area, can do that.")
    if closure.closed_by_id == actor.key:
        raise Refused(
            "Somebody else has to undo this: another SENCO, the head, the designated safeguarding "
            "lead or the local area's officer."
        )


def can_undo(actor: Actor, closure: Closure) -> bool:
    """Whether `check_can_undo` would pass."""
    try:
        check_can_undo(actor, closure)
    except Refused:
        return False
    return True


def check_can_join(actor: Actor, kept_id: UUID, joined_id: UUID) -> None:
    """Raises NotVisible or Refused unless the actor keeps both records, or oversees both."""
    for key in (kept_id, joined_id):
        learners.check_can_read(actor, key)
    oversees = all(overseeing(actor, key) for key in (kept_id, joined_id))
    if actor.kind != "person" or not (oversees or keeps(actor, kept_id, joined_id)):
        raise Refused("Only whoever holds both records, or their local area, can join them.")


def keeps(actor: Actor, *learner_ids: UUID) -> bool:
    """Whether the actor reviews for whoever holds each of these records."""
    held = all(learners.right_of(actor, key) is Right.HOLD for key in learner_ids)
    return held and actor.may(Permission.REVIEW)


def joined(actor: Actor, closure_id: UUID) -> Closure:
    """A joining into a learner whom the actor reads for an organisation; raises NotVisible."""
    found = Closure.objects.filter(pk=closure_id, because=Learner.Closed.JOINED).first()
    if found is None or found.into_id is None:
        learners.visible_to(actor)
        raise NotVisible
    learners.check_can_read(actor, found.into_id)
    return found


def check_can_part(actor: Actor, into_id: UUID) -> None:
    """Raises Refused unless the actor keeps the joined record, or oversees it."""
    learners.check_can_read(actor, into_id)
    if actor.kind != "person" or not (keeps(actor, into_id) or overseeing(actor, into_id)):
        raise Refused("Only whoever holds the record, or its local area, can undo this.")


def parts(actor: Actor, into_id: UUID) -> bool:
    """Whether `check_can_part` would pass."""
    try:
        check_can_part(actor, into_id)
    except Refused:
        return False
    return True


def waiting(actor: Actor, learner_id: UUID) -> Adoption | None:
    """The adoption of a learner that waits; raises NotVisible, or Refused to who has no part."""
    learners.check_can_read(actor, learner_id)
    found = Adoption.objects.filter(learner_id=learner_id, declined_at=None).first()
    if found is None:
        check_can_close(actor, learner_id)
    elif not _answers_for(actor, held_now(found), learner_id):
        raise Refused("Only those who decide at the setting that holds the record can see this.")
    return found


def adoptions_waiting(actor: Actor) -> list[Adoption]:
    """The adoptions that wait where the actor has a part to play, oldest first."""
    rows = Adoption.objects.filter(learners.seen_by(actor, "learner_id"), declined_at=None)
    rows = rows.select_related("learner").order_by("proposed_at")
    return [a for a in rows if _answers_for(actor, held_now(a), a.learner_id)]


def check_can_decide(actor: Actor, adoption: Adoption) -> None:
    """Raises Refused unless the actor is a second person of the holder, or of its local area."""
    if not _answers_for(actor, held_now(adoption), adoption.learner_id):
        raise Refused("Only the setting that holds this record, or its local area, decides this.")
    if adoption.proposed_by_id == actor.key:
        raise Refused(
            "You proposed this, so somebody else decides: another SENCO, the head, the designated "
            "safeguarding lead or the local area's officer."
        )
    access.check_is_second(actor, adoption.proposed_by_id, adoption.proposed_at)


def _answers_for(actor: Actor, held: UUID, learner_id: UUID) -> bool:
    """Whether the actor has a part to play where the record is held, or oversees that place."""
    if actor.kind != "person":
        return False
    if any(actor.may(p, held) for p in (Permission.REVIEW, Permission.GUARD_READINGS)):
        return True
    return overseeing(actor, learner_id) != []


def held_now(row: Closure | Adoption) -> UUID:
    """Who holds the record now, where it has passed since: at a move, or to a successor."""
    holder = RecordHolder.objects.filter(learner=row.learner_id, ends_on=None).first()
    return ((holder.setting_id or holder.local_area_id) if holder else None) or row.held_by


def overseeing(actor: Actor, learner_id: UUID) -> list[UUID]:
    """The local areas of the actor that oversee this learner."""
    rows = learners.current_access().filter(
        learner_id=learner_id,
        grantee_kind=Grantee.LOCAL_AREA,
        grantee_id__in=actor.organisations(Permission.OVERSEE_AREA),
    )
    return list(rows.values_list("grantee_id", flat=True))
