"""The worker's side: claim a row, do its work once, in one transaction with marking it done.

The row is the queue. A task may run twice, or die half-way; its effect happens once, because the
effect and `done` are one transaction under the row's lock. What was claimed and dropped is queued
again by the sweep.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.doorbell import ring
from apps.common.exceptions import InvalidTransition
from apps.documents import policy as documents
from apps.learners import access_rows
from apps.learners.actions import pass_record
from apps.notifications.actions import tell
from apps.reviews.actions.entry import open_first_at
from apps.reviews.actions.places import lapse_open, refresh_register
from apps.reviews.models import Contribution, Review, Slip
from apps.transitions import policy, selectors
from apps.transitions.actions.planning import INCOMING, State, stand_in
from apps.transitions.models import Delivery, Package, Transition
from apps.transitions.package import build
from apps.transitions.states import ENDED, MOST_ATTEMPTS

LEASE = timedelta(seconds=30)
BACK_OFF = timedelta(seconds=15)  # doubled with every attempt
MOST_DOUBLED = 8  # to about an hour


def work(delivery_id: UUID) -> bool:
    """Claim a delivery and do it; False when there is nothing (left) to do.

    An error is kept on the row, which is queued again later and needs help after five attempts.
    """
    with rls.acting(grants.worker()):
        row = _claim(delivery_id)
    if row is None:
        return False
    try:
        with rls.acting(grants.worker(row.holder_id, row.receiver_id)) as actor:
            _do(actor, delivery_id)
    except Exception as error:
        with rls.acting(grants.worker()):
            _failed(row, error)
        raise
    return True


def _claim(delivery_id: UUID) -> Delivery | None:
    """Compare and set: one worker gets the row, whoever else was rung for it."""
    now = clock.now()
    claimed = (
        Delivery.objects.filter(pk=delivery_id, not_before__lte=now)
        .filter(
            Q(state=Delivery.State.QUEUED)
            | Q(state=Delivery.State.CLAIMED, claimed_at__lt=now - LEASE)
        )
        .update(state=Delivery.State.CLAIMED, claimed_at=now, attempts=F("attempts") + 1)
    )
    return Delivery.objects.get(pk=delivery_id) if claimed else None


def _do(by: Actor, delivery_id: UUID) -> None:
    row = Delivery.objects.select_for_update().get(pk=delivery_id)
    if row.state != Delivery.State.CLAIMED:
        return
    move = (
        Transition.objects.select_for_update(of=("self",))
        .select_related("learner", "to_setting", "from_setting")
        .get(pk=row.transition_id)
    )
    if move.learner.closed_because:
        pass  # Whoever closed the record stopped its work.
    elif row.work == Delivery.Work.PACKAGE:
        _deliver(by, move)
    else:
        _pass(by, move)
    row.state = Delivery.State.DONE
    row.done_at = clock.now()
    row.last_error = ""
    row.save(update_fields=["state", "done_at", "last_error"])


def _deliver(by: Actor, move: Transition) -> None:
    """Build the package from what is signed off now, and tell the destination.

    Nothing follows where nothing changed: the package before it may have this change already. The
    last is made on the start date, so that what was handed over is on record.
    """
    if move.state in ENDED:
        return
    package = _package(by, move)
    before = move.packages.order_by("number").last()
    if package is None or (before and before.content == package.content):
        return
    package.number = before.number + 1 if before else 1
    package.made_at = clock.now()
    package.save(force_insert=True)
    audit.event(
        by=by,
        action="package delivered",
        subject_kind="package",
        subject_id=package.id,
        learner_id=move.learner_id,
        detail={"sha256": package.sha256, "number": package.number},
    )
    assert move.to_setting_id
    text = (
        f"{move.learner} is coming to you: the Learner Record is here."
        if package.number == 1
        else f"{move.learner}'s record has changed since it was shared: here is what is new."
    )
    tell(
        recipients=[move.to_setting_id],
        learner_id=move.learner_id,
        kind="record shared",
        text=text,
        link=f"/moves/{move.id}/",
        key=f"package:{move.id}:{package.number}",
    )


def _package(by: Actor, move: Transition) -> Package | None:
    """What the record says now, with its history; none before the first sign-off."""
    of_learner = {"learner_id": move.learner_id}
    reviews = list(
        Review.objects.filter(**of_learner, state=Review.State.SIGNED_OFF).order_by("number")
    )
    if not reviews:
        return None
    shared = Contribution.objects.filter(**of_learner, ask_me_first=False)
    # How supports worked in a class was for the review; words are for whoever comes next.
    shared = shared.exclude(going_well="", harder="", would_help="")
    return build(
        move,
        reviews,
        list(shared.order_by("said_at", "id")),
        list(Slip.objects.filter(**of_learner).order_by("noted_at", "id")),
        list(documents.visible_to(by).filter(**of_learner).order_by("added_at", "id")),
    )


def _pass(by: Actor, move: Transition) -> None:
    """The start date: enrolment, holder, register entry and open work pass, all or nothing."""
    if move.state in ENDED or move.to_setting is None:
        return
    pass_record(
        by=by,
        learner=move.learner,
        to=move.to_setting,
        on=clock.today(),
        year_group=move.year_group,
    )
    refresh_register(by=by, learner=move.learner)
    # Drafts stay with the setting that wrote them; contributions travel.
    if lapse_open(by=by, learner=move.learner):
        open_first_at(by=by, learner=move.learner, setting=move.to_setting)
    access_rows.end(learner_id=move.learner_id, reason=INCOMING)
    if not move.accepted_at:
        stand_in(move)  # The duties that are outstanding are somebody's.
    _deliver(by, move)
    move.state = State.COMPLETED
    move.completed_at = clock.now()
    move.shared_at = move.shared_at or move.completed_at
    move.version += 1
    move.save(update_fields=["state", "completed_at", "shared_at", "version"])
    audit.event(
        by=by,
        action="record passed",
        subject_kind="transition",
        subject_id=move.id,
        learner_id=move.learner_id,
        detail={"to": move.to_setting_id},
    )
    _tell_passed(move)


def _tell_passed(move: Transition) -> None:
    tell(
        recipients=access_rows.family_readers(move.learner_id, who_know_where=True),
        learner_id=move.learner_id,
        kind="record passed",
        text=f"{move.to_setting} now holds the Learner Record.",
        link=f"/family/{move.learner_id}/",
        key=f"passed-family:{move.id}",
    )
    tell(
        recipients=[i for i in (move.from_setting_id, move.to_setting_id) if i],
        learner_id=move.learner_id,
        kind="record passed",
        text=f"{move.learner}'s record has passed to {move.to_setting}.",
        link=f"/moves/{move.id}/",
        key=f"passed:{move.id}",
    )


def _failed(row: Delivery, error: Exception) -> None:
    """Keep the error and try again later; a package waits for a person after five attempts.

    What passes the record never gives up: a day of trouble must not keep it from its new holder.
    """
    dead = row.attempts >= MOST_ATTEMPTS and row.work != Delivery.Work.PASS
    Delivery.objects.filter(pk=row.pk, state=Delivery.State.CLAIMED).update(
        state=Delivery.State.DEAD if dead else Delivery.State.QUEUED,
        not_before=clock.now() + BACK_OFF * 2 ** min(row.attempts - 1, MOST_DOUBLED),
        last_error=f"{type(error).__name__}: {error}"[:300],
    )


@transaction.atomic
def try_again(*, by: Actor, transition_id: UUID) -> None:
    """Have what did not go through after five attempts tried again now.

    Raises InvalidTransition when nothing waits for help.
    """
    move = policy.get(by, transition_id)
    policy.check_can_try_again(by, move)
    with rls.in_place_of(by, grants.worker()):
        rows = list(selectors.need_help(move).values_list("pk", flat=True))
        selectors.need_help(move).update(
            state=Delivery.State.QUEUED, attempts=0, not_before=clock.now()
        )
    if not rows:
        raise InvalidTransition("Nothing of this move waits to be tried again.")
    audit.event(
        by=by,
        action="handover tried again",
        subject_kind="transition",
        subject_id=move.id,
        learner_id=move.learner_id,
    )
    for pk in rows:
        ring("transitions.work", pk)


def sweep() -> int:
    """Ring for every row that is due and not under way; returns how many."""
    with rls.acting(grants.worker()):
        now = clock.now()
        due = list(
            Delivery.objects.filter(not_before__lte=now)
            .filter(
                Q(state=Delivery.State.QUEUED)
                | Q(state=Delivery.State.CLAIMED, claimed_at__lt=now - LEASE)
            )
            .order_by("not_before")
            .values_list("pk", flat=True)[:500]
        )
        for pk in due:
            ring("transitions.work", pk)
    return len(due)
