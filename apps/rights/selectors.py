"""Reading copies for the page that makes them."""

from __future__ import annotations

from uuid import UUID

from apps.access.grants import Actor
from apps.rights import policy
from apps.rights.models import Export


def copies_of(actor: Actor, learner_id: UUID) -> list[Export]:
    """The copies asked for of a learner, newest first, without their content."""
    policy.check_can_export(actor, learner_id)
    rows = Export.objects.filter(learner_id=learner_id).defer("content")
    return list(rows.order_by("-asked_at"))
