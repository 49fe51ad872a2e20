"""Where a learner is and what plan they have, with the register kept true (domain.md, rule 3)."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from apps.access.grants import Actor
from apps.common import clock
from apps.framework import selectors as framework
from apps.learners import places
from apps.learners.actions import pass_record, start_record
from apps.learners.models import EHCPlan, Enrolment, Learner, RecordHolder
from apps.learners.policy import check_can_hold
from apps.register.actions import recompute
from apps.register.models import RegisterEntry
from apps.reviews.actions.entry import open_first_at
from apps.reviews.actions.signoff import levels_of
from apps.reviews.models import Contribution, LearnerRecord, Review, Statement
from apps.settings.models import LocalArea, Setting


@transaction.atomic
def attend_also(
    *, by: Actor, learner: Learner, setting: Setting, kind: str, year_group: int
) -> Enrolment:
    """The learner attends a second setting too; as subsidiary they are on its register."""
    enrolment = places.enrol_also(
        by=by, learner=learner, setting=setting, kind=kind, year_group=year_group
    )
    refresh_register(by=by, learner=learner)
    return enrolment


@transaction.atomic
def attend_no_more(*, by: Actor, enrolment: Enrolment) -> None:
    """The learner attends the second setting no more."""
    places.end_also(by=by, enrolment=enrolment)
    refresh_register(by=by, learner=enrolment.learner)


@transaction.atomic
def note_plan(
    *, by: Actor, learner: Learner, setting: Setting, local_area: LocalArea, starts_on: date
) -> EHCPlan:
    """An EHC plan puts the learner on the register; without a record, one begins here.

    The plan says nothing of levels: they wait for the *first* review, due in 30 school days.
    """
    plan = places.note_plan(by=by, learner=learner, local_area=local_area, starts_on=starts_on)
    start_record(by=by, learner=learner, setting=setting, on=clock.today())
    _, new = LearnerRecord.objects.get_or_create(
        learner=learner, defaults={"started_on": clock.today()}
    )
    refresh_register(by=by, learner=learner)
    if new:
        open_first_at(by=by, learner=learner, setting=setting)
    return plan


@transaction.atomic
def end_plan(*, by: Actor, plan: EHCPlan) -> RegisterEntry | None:
    """An EHC plan ended; the learner stays on the register only for a need."""
    places.end_plan(by=by, plan=plan)
    return refresh_register(by=by, learner=plan.learner)


@transaction.atomic
def leave_without_place(*, by: Actor, learner: Learner, local_area: LocalArea) -> None:
    """The learner leaves and no setting follows: the local area's named team holds the record.

    Home education, EOTAS, missing education, between places: nobody is lost (report L2395).
    Drafts stay with the setting; contributions travel.
    """
    check_can_hold(by, learner.id)
    pass_record(
        by=by,
        learner=learner,
        to=local_area,
        on=clock.today(),
        year_group=0,
        reason=RecordHolder.Reason.NO_SETTING,
    )
    refresh_register(by=by, learner=learner)
    lapse_open(learner=learner)


def refresh_register(*, by: Actor, learner: Learner) -> RegisterEntry | None:
    """Bring the register in line with the needs in force, plans and places of today."""
    record = LearnerRecord.objects.filter(learner=learner).first()
    if record is None:
        return None
    latest = record.reviews.filter(state=Review.State.SIGNED_OFF).order_by("-number").first()
    grid = framework.grid(latest.framework_id) if latest else framework.published()
    statements = Statement.objects.filter(record=record, withdrawn_no=None)
    return recompute(
        by=by,
        learner=learner,
        framework=grid.version,
        levels=levels_of(list(statements.select_related("area", "level")), grid),
        on=clock.today(),
    )


def lapse_open(*, learner: Learner) -> bool:
    """The record has passed: the open review lapses here; whether it was a *first*."""
    was_first = False
    for review in Review.objects.filter(learner=learner, state=Review.State.OPEN):
        was_first = review.kind == Review.Kind.FIRST
        Contribution.objects.filter(review=review).update(review=None)
        review.state = Review.State.LAPSED
        review.version += 1
        review.save(update_fields=["state", "version"])
    return was_first
