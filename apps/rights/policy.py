"""Who may make a copy and take it out: whoever keeps the record, and nobody else."""

from __future__ import annotations

from uuid import UUID

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common.exceptions import NotVisible, Refused
from apps.learners import policy as learners
from apps.rights.models import Export


def check_can_export(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible to a stranger, Refused unless the actor keeps and reviews this record."""
    learners.check_can_hold(actor, learner_id)
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
