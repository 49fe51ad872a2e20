"""Acts that take two people: one proposes, another decides.

`propose` is called by the action that writes what the decision is about; `agree` and `decline` by
those that carry it out or do not. Each person shows again who they are before (`guards.step_up`).
A new kind of act needs a name in `Decision.Kind`, a row of its own that points to the decision, and
a line in `CARRIED_OUT` of the page where people decide.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible
from apps.learners.models import Learner, RecordHolder
from apps.notifications.actions import tell
from apps.rights import policy
from apps.rights.models import Decision


@transaction.atomic
def propose(
    *,
    by: Actor,
    kind: Decision.Kind,
    learner: Learner,
    because: str,
    holder_id: UUID | None = None,
) -> Decision:
    """Propose an act: it waits on the first page of whoever else may decide for the holder.

    Raises NotVisible or Refused by policy, Invalid without a reason.
    """
    policy.check_can_propose(by, learner.id)
    if not because.strip():
        raise Invalid("Nothing was proposed yet.", {"because": "Enter why this should be done"})
    assert by.user_id
    decision = Decision.objects.create(
        kind=kind,
        learner=learner,
        holder_id=holder_id or holder_of(learner.id),
        because=because.strip(),
        proposed_by_id=by.user_id,
        proposed_at=clock.now(),
    )
    _log(by, decision, "proposed")
    return decision


@transaction.atomic
def agree(*, by: Actor, decision_id: UUID) -> Decision:
    """The second person agrees; the caller carries it out, or queues that, in this transaction.

    Raises NotVisible, Refused to whoever proposed it, InvalidTransition when it was decided before.
    """
    return _decide(by, decision_id, Decision.State.AGREED, "")


@transaction.atomic
def decline(*, by: Actor, decision_id: UUID, because: str) -> Decision:
    """The second person declines, and says why. Raises as `agree` does, and Invalid without."""
    if not because.strip():
        raise Invalid("Nothing was decided yet.", {"because": "Enter why you decline"})
    return _decide(by, decision_id, Decision.State.DECLINED, because.strip())


def _decide(by: Actor, decision_id: UUID, state: Decision.State, because: str) -> Decision:
    decision = (
        policy.decisions_visible(by)
        .select_for_update(of=("self",))
        .select_related("learner")
        .filter(pk=decision_id)
        .first()
    )
    if decision is None:
        raise NotVisible
    policy.check_can_decide(by, decision)
    if decision.state != Decision.State.WAITING:
        raise InvalidTransition("This was decided already.")
    decision.state = state
    decision.decided_by_id = by.user_id
    decision.decided_at = clock.now()
    decision.declined_because = because
    decision.save(update_fields=["state", "decided_by", "decided_at", "declined_because"])
    _log(by, decision, state)
    tell(
        recipients=[decision.proposed_by_id],
        learner_id=decision.learner_id,
        kind="decided",
        text=f"{decision.get_kind_display()}: {state}.",
        link=f"/decisions/{decision.id}/",
        key=f"decided:{decision.id}",
    )
    return decision


def holder_of(learner_id: UUID) -> UUID:
    """The setting or local area that holds the record now; raises InvalidTransition without one."""
    holder = RecordHolder.objects.filter(learner_id=learner_id, ends_on=None).first()
    if holder:
        return holder.setting_id or holder.local_area_id  # type: ignore[return-value]
    raise InvalidTransition("Nobody holds this learner's record yet.")


def _log(by: Actor, decision: Decision, what: str) -> None:
    record.event(
        by=by,
        action=f"{decision.kind} {what}",
        subject_kind="decision",
        subject_id=decision.id,
        learner_id=decision.learner_id,
    )
