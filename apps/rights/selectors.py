"""Reading copies and decisions for their pages."""

from __future__ import annotations

from uuid import UUID

from apps.access.grants import Actor
from apps.common.exceptions import NotVisible
from apps.rights import policy
from apps.rights.models import Decision, Export


def copies_of(actor: Actor, learner_id: UUID) -> list[Export]:
    """The copies asked for of a learner, newest first, without their content."""
    policy.check_can_export(actor, learner_id)
    rows = Export.objects.filter(learner_id=learner_id).defer("content")
    return list(rows.order_by("-asked_at"))


def decision(actor: Actor, decision_id: UUID) -> Decision:
    """One decision, with its people and learner; raises NotVisible."""
    rows = policy.decisions_visible(actor).select_related("learner", "proposed_by", "decided_by")
    found = rows.filter(pk=decision_id).first()
    if found is None:
        raise NotVisible
    return found


def decisions_waiting(actor: Actor) -> list[Decision]:
    """What waits for a second person where the actor decides, oldest first; their own included."""
    rows = policy.decisions_visible(actor).filter(state=Decision.State.WAITING)
    return list(rows.select_related("learner", "proposed_by").order_by("proposed_at"))
