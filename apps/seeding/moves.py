"""Moves in every state, made by the people concerned through the domain's own actions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

from django.db import transaction

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.accounts.models import User
from apps.common import clock
from apps.common.models import ClockShift
from apps.register.models import RegisterEntry
from apps.reviews.models import Kind, Statement
from apps.settings.models import Setting
from apps.transitions.actions import delivery, planning, receiving
from apps.transitions.models import Delivery, Transition

FROM, TO = "Fernhill Primary School", "Ridgeway High School"
# How far each move goes; the number is which learner of Year 6 it is.
STAGES = ("expected", "expected", "named", "shared", "received", "settling in", "accepted")


def actor_for(email: str) -> Actor:
    """The person with this address, as they would sign in."""
    user = User.objects.get(email=email)
    return grants.person(user.id, user.name, clock_may_shift=True)


def make_moves() -> int:
    """A move of each stage, one redirected, one withdrawn, one completed; how many."""
    sender = actor_for("senco@fernhill.example")
    receiver = actor_for("senco@ridgeway.example")
    home = Setting.objects.get(name=FROM)
    to = Setting.objects.get(name=TO)
    other = Setting.objects.get(name="Estuary School")
    with rls.acting(sender):
        learners = [
            e.learner
            for e in RegisterEntry.objects.filter(
                setting=home, ends_on=None, learner__enrolments__year_group=6
            ).select_related("learner")[: len(STAGES) + 3]
        ]
    starts = date(clock.today().year + 1, 9, 2)
    soon = clock.today() + timedelta(days=40)
    for stage, learner in zip(STAGES, learners, strict=False):
        go_to(stage, sender, receiver, learner, to, starts if stage == "expected" else soon)
    elsewhere, stays, gone = learners[len(STAGES) :]
    with rls.acting(sender):
        for learner in (elsewhere, stays):
            move = planning.expect(
                by=sender,
                learner=learner,
                kind="phase",
                starts_on=starts,
                year_group=7,
                to_setting=to,
            )
            if learner is elsewhere:
                planning.redirect(
                    by=sender,
                    transition_id=move.id,
                    to_setting=other,
                    why="The family is moving house",
                )
            else:
                planning.withdraw(
                    by=sender, transition_id=move.id, why="The family has decided to stay"
                )
    with _days_ago(21):
        go_to("accepted", sender, receiver, gone, to, clock.today() + timedelta(days=14))
    with _days_ago(7):
        _pass_what_is_due()
    return len(learners)


@contextmanager
def _days_ago(days: int) -> Iterator[None]:
    """What is done inside was done so many days ago."""
    with transaction.atomic(using="owner"):
        ClockShift.objects.using("owner").update_or_create(id=True, defaults={"days": -days})
    clock.set_shift(-days)
    yield
    with transaction.atomic(using="owner"):
        ClockShift.objects.using("owner").all().delete()
    clock.set_shift(0)


def _pass_what_is_due() -> None:
    with rls.acting(grants.worker()):
        due = list(Delivery.objects.filter(work="pass", not_before__lte=clock.now()))
    for row in due:
        delivery.work(row.id)


def go_to(
    stage: str, sender: Actor, receiver: Actor, learner: object, to: Setting, starts: date
) -> None:
    """Take one learner's move as far as `stage`, step by step."""
    reached = STAGES[: STAGES.index(stage) + 1]
    with rls.acting(sender):
        move = planning.expect(
            by=sender,
            learner=learner,  # type: ignore[arg-type]
            kind="phase" if stage == "expected" else "in-year",
            starts_on=starts,
            year_group=7 if stage == "expected" else 6,
            to_setting=None if stage == "expected" else to,
        )
        if "shared" in reached:
            planning.share(by=sender, transition_id=move.id)
    with rls.acting(grants.worker()):
        waiting = list(Delivery.objects.filter(transition_id=move.id, work="package"))
    for row in waiting:
        delivery.work(row.id)
    with rls.acting(receiver):
        _receive(receiver, move, reached)


def _receive(by: Actor, move: Transition, reached: tuple[str, ...]) -> None:
    if "received" in reached:
        receiving.receive(by=by, transition_id=move.id)
    if "settling in" in reached:
        receiving.plan_settling_in(
            by=by,
            transition_id=move.id,
            kind="visit",
            on=clock.today() + timedelta(days=12),
            what="A quiet visit after school with the key adult",
        )
    if "accepted" in reached:
        supports = Statement.objects.filter(
            learner_id=move.learner_id, kind=Kind.SUPPORT, withdrawn_no=None
        )
        how = {
            s.id: "In place from the first Monday, with the same adult all term" for s in supports
        }
        receiving.accept(by=by, transition_id=move.id, day_one=how)
