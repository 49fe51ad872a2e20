"""Who may make a copy and take it out; who proposes what takes two people, and who decides."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.access import policy as access
from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common.exceptions import NotVisible, Refused
from apps.learners import policy as learners
from apps.rights.models import Decision, Disposal, Export


def check_can_export(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible to a stranger, Refused unless the actor keeps and reviews this record."""
    learners.check_can_keep(actor, learner_id)
    if not (actor.may(Permission.REVIEW) and actor.kind == "person"):
        raise Refused("Only the SENCO, an assistant or the area's officer can make a copy.")


def get(actor: Actor, export_id: UUID) -> Export:
    """A copy that the actor may take out, without its content; raises NotVisible or Refused."""
    found = Export.objects.defer("content").select_related("learner").filter(pk=export_id).first()
    if found is None:
        learners.visible_to(actor)
        raise NotVisible
    check_can_export(actor, found.learner_id)
    return found


def check_can_propose(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible to a stranger, Refused unless the actor keeps and reviews this record."""
    learners.check_can_keep(actor, learner_id)
    if not (actor.may(Permission.REVIEW) and actor.kind == "person"):
        raise Refused("Only the SENCO, an assistant or the area's officer can propose this.")


def decides_at(actor: Actor) -> list[UUID]:
    """The holders for whom the actor decides: head, safeguarding lead, SENCO, officer."""
    places = [
        *actor.organisations(Permission.REVIEW),
        *actor.organisations(Permission.GUARD_READINGS),
    ]
    return list(dict.fromkeys(places)) if actor.kind == "person" else []


def decisions_visible(actor: Actor) -> QuerySet[Decision]:
    """The decisions of holders where the actor proposes or decides."""
    return Decision.objects.filter(
        learners.seen_by(actor, "learner_id"), holder_id__in=decides_at(actor)
    )


def disposals_visible(actor: Actor) -> QuerySet[Disposal]:
    """What is due for deletion at holders where the actor proposes or decides."""
    return Disposal.objects.filter(
        learners.seen_by(actor, "learner_id"), holder_id__in=decides_at(actor)
    )


def check_sees(actor: Actor, decision: Decision) -> None:
    """Raises NotVisible to whoever neither proposes nor decides for its holder."""
    if not decisions_visible(actor).filter(pk=decision.pk).exists():
        raise NotVisible


def check_can_decide(actor: Actor, decision: Decision) -> None:
    """Raises NotVisible to a stranger, Refused to whoever may not, or proposed it."""
    learners.check_can_read(actor, decision.learner_id)
    if decision.holder_id not in decides_at(actor):
        raise Refused(
            "Only the head, the safeguarding lead, a SENCO or an officer can decide this."
        )
    access.check_is_second(actor, decision.proposed_by_id, decision.proposed_at)


def keeps_at(actor: Actor) -> list[UUID]:
    """The holders for whom the actor sees what is kept and deleted: as those who decide."""
    return decides_at(actor)


def check_keeps_at(actor: Actor, organisation_id: UUID) -> None:
    """Raises NotVisible unless the actor sees what this holder keeps and deletes."""
    asked()
    if organisation_id not in keeps_at(actor):
        raise NotVisible


def leads_at(actor: Actor) -> list[UUID]:
    """Where the actor leads: head, safeguarding lead, or officer of the area."""
    return [
        *actor.organisations(Permission.GUARD_READINGS),
        *actor.organisations(Permission.OVERSEE_AREA),
    ]


def check_can_change_schedule(actor: Actor, organisation_id: UUID) -> None:
    """Raises NotVisible to strangers, Refused unless the actor leads there."""
    check_keeps_at(actor, organisation_id)
    if organisation_id not in leads_at(actor) or actor.kind != "person":
        raise Refused("Only the head, the safeguarding lead or an officer can change this.")


def check_can_hold_back(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible to a stranger, Refused unless the actor leads where the right is."""
    learners.check_can_read(actor, learner_id)
    leads = learners.current_access().filter(learner_id=learner_id, grantee_id__in=leads_at(actor))
    if actor.kind != "person" or not leads.exists():
        raise Refused("Only the head, the safeguarding lead or an officer can do this.")


def can_hold_back(actor: Actor, learner_id: UUID) -> bool:
    """Whether `check_can_hold_back` would pass."""
    try:
        check_can_hold_back(actor, learner_id)
    except (NotVisible, Refused):
        return False
    return True
