"""Deleting records whose time has come: the sweep finds, two people decide, the worker deletes.

The row is the queue. The database deletes in one function and one transaction (`rights_dispose`),
which checks who decided, that nothing holds the learner back, and leaves a tombstone.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import connection, transaction

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record
from apps.common import clock
from apps.common.doorbell import ring
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible
from apps.rights import decisions, policy, retention
from apps.rights.models import Decision, Disposal

MOST_ATTEMPTS = 5
LOOK_AGAIN_AFTER = timedelta(days=365)
State = Disposal.State


def find() -> int:
    """Put every record that is due into its holder's queue; returns how many are new.

    Work of the service and accounts whose time is over are forgotten on the way.
    """
    kept = retention.rule("record")
    with rls.acting(grants.worker()), connection.cursor() as cursor:
        cursor.execute(
            "SELECT rights_find_due(%s, %s, %s)",
            [kept.years, kept.longer["looked after"], clock.now()],
        )
        (new,) = cursor.fetchone()
        cursor.execute("SELECT rights_forget_work(%s)", [clock.now()])
        years = retention.rule("account").years
        cursor.execute("SELECT rights_forget_accounts(%s, %s)", [years, clock.now()])
    return int(new)


@transaction.atomic
def propose(*, by: Actor, disposal_id: UUID, because: str) -> Decision:
    """Propose to delete a record that is due. Raises as `decisions.propose`, InvalidTransition."""
    due = _locked(by, disposal_id)
    if due.state != State.DUE:
        raise InvalidTransition("This was proposed already.")
    decision = decisions.propose(
        by=by,
        kind=Decision.Kind.DISPOSAL,
        learner=due.learner,
        because=because,
        holder_id=due.holder_id,
    )
    due.state = State.PROPOSED
    due.decision = decision
    due.save(update_fields=["state", "decision"])
    return decision


@transaction.atomic
def agree(*, by: Actor, decision_id: UUID) -> None:
    """The second person agrees: the worker deletes the record, for ever."""
    decision = decisions.agree(by=by, decision_id=decision_id)
    due = _locked(by, decision.disposal.id)
    due.state = State.AGREED
    due.save(update_fields=["state"])
    ring("rights.dispose", due.id)


@transaction.atomic
def decline(*, by: Actor, decision_id: UUID, because: str, until: date | None = None) -> None:
    """The second person declines; it is looked at again on a day to come, or after a year."""
    decision = decisions.decline(by=by, decision_id=decision_id, because=because)
    _postpone(_locked(by, decision.disposal.id), because, until)


@transaction.atomic
def postpone(*, by: Actor, disposal_id: UUID, because: str, until: date | None) -> None:
    """Keep a record longer than is due, until a day, and say why.

    Raises InvalidTransition once it is proposed, Invalid without reason or day.
    """
    due = _locked(by, disposal_id)
    policy.check_can_propose(by, due.learner_id)
    if due.state != State.DUE:
        raise InvalidTransition("This was proposed already: the second person can decline it.")
    if not because.strip():
        raise Invalid("Nothing was postponed.", {"because": "Enter why it is kept longer"})
    _postpone(due, because, until)
    record.event(
        by=by,
        action="disposal postponed",
        subject_kind="disposal",
        subject_id=due.id,
        learner_id=due.learner_id,
    )


def work(disposal_id: UUID) -> None:
    """Delete a record whose disposal was agreed. Twice changes nothing; half is never done."""
    with rls.acting(grants.worker()):
        row = Disposal.objects.select_for_update().filter(pk=disposal_id).first()
        if row is None or row.state != State.AGREED:
            return
        # Counted before the work and not with it, so that one that kills its worker ends.
        row.attempts += 1
        if row.attempts > MOST_ATTEMPTS:
            row.state = State.STUCK
        row.save(update_fields=["attempts", "state"])
    if row.state == State.STUCK:
        return
    try:
        with rls.acting(grants.worker()), connection.cursor() as cursor:
            cursor.execute("SELECT rights_dispose(%s, %s)", [disposal_id, clock.now()])
    except Exception as error:
        with rls.acting(grants.worker()):
            Disposal.objects.filter(pk=disposal_id).update(last_error=str(error)[:300])
        raise


def sweep() -> None:
    """Ring for what was agreed and is not done."""
    with rls.acting(grants.worker()):
        for pk in Disposal.objects.filter(state=State.AGREED).values_list("pk", flat=True):
            ring("rights.dispose", pk)


def _postpone(due: Disposal, because: str, until: date | None) -> None:
    until = until or clock.today() + LOOK_AGAIN_AFTER
    if until <= clock.today():
        raise Invalid("Nothing was postponed.", {"until": "Enter a day that is still to come"})
    due.state = State.DUE
    due.decision = None
    due.not_before = until
    due.postponed_because = because.strip()
    due.save(update_fields=["state", "decision", "not_before", "postponed_because"])


def _locked(by: Actor, disposal_id: UUID) -> Disposal:
    rows = policy.disposals_visible(by).select_for_update(of=("self",)).select_related("learner")
    found = rows.filter(pk=disposal_id).first()
    if found is None:
        raise NotVisible
    return found
