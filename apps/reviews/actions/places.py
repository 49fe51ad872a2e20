"""Where a learner is and what plan they have, with the register kept true (domain.md, rule 3)."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.framework import selectors as framework
from apps.learners import places
from apps.learners.actions import pass_record, start_record
from apps.learners.models import EHCPlan, Enrolment, Learner, RecordHolder
from apps.learners.policy import check_can_hold
from apps.notifications.actions import tell
from apps.register.actions import UNIVERSAL, recompute
from apps.register.models import RegisterEntry
from apps.reviews.actions.entry import open_first_at
from apps.reviews.actions.meetings import call_off_all
from apps.reviews.actions.noticing import end_in_move
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
    *, by: Actor, learner: Learner, setting: Setting | None, local_area: LocalArea, starts_on: date
) -> EHCPlan:
    """An EHC plan puts the learner on the register; without a record, one begins at `setting`.

    Without a setting the local area holds the record already. The plan says nothing of levels: they
    wait for the *first* review, due in 30 school days.
    """
    plan = places.note_plan(by=by, learner=learner, local_area=local_area, starts_on=starts_on)
    if setting:
        start_record(by=by, learner=learner, setting=setting, on=clock.today())
    elif not learner.holders.filter(ends_on=None).exists():
        raise InvalidTransition("Nobody holds this learner's record yet.")
    _, new = LearnerRecord.objects.get_or_create(
        learner=learner, defaults={"started_on": clock.today()}
    )
    refresh_register(by=by, learner=learner)
    if new and setting:
        open_first_at(by=by, learner=learner, setting=setting)
    return plan


@transaction.atomic
def end_plan(*, by: Actor, plan: EHCPlan) -> RegisterEntry | None:
    """An EHC plan ended; the learner stays on the register only for a need."""
    places.end_plan(by=by, plan=plan)
    return refresh_register(by=by, learner=plan.learner)


# Why nobody follows: the words that the area's team reads.
WITHOUT_PLACE = {
    "home": "Educated at home",
    "eotas": "Education otherwise than at school",
    "missing": "Missing education: nobody knows where they are",
    "between": "Between places",
    "work": "In work or training, or neither",
}


@transaction.atomic
def leave_without_place(*, by: Actor, learner: Learner, local_area: LocalArea, why: str) -> None:
    """The learner leaves and no setting follows: the local area's named team holds the record.

    `why` is a key of WITHOUT_PLACE. Nobody is lost (report L2395): the team is told. Drafts stay
    with the setting; contributions travel. Raises Invalid.
    """
    check_can_hold(by, learner.id)
    if why not in WITHOUT_PLACE:
        raise Invalid("Say where the learner goes.", {"why": "Choose one."})
    holder = RecordHolder.objects.filter(learner=learner, ends_on=None).first()
    before = (holder.setting_id or holder.local_area_id) if holder else None
    # Who leaves may write nothing more once the record has passed, so both sides' right is used.
    with rls.acting(grants.worker(*([before] if before else []), local_area.id)) as worker:
        pass_record(
            by=worker,
            learner=learner,
            to=local_area,
            on=clock.today(),
            year_group=0,
            reason=RecordHolder.Reason.NO_SETTING,
            leaving_reason=WITHOUT_PLACE[why],
        )
        refresh_register(by=worker, learner=learner)
        lapse_open(by=worker, learner=learner)
        _tell_area(learner, local_area, why)
    rls.set_context(by)
    audit.event(
        by=by,
        action="record passed to the local area",
        subject_kind="learner",
        subject_id=learner.id,
        learner_id=learner.id,
        detail={"to": local_area.id, "why": why},
    )


def _tell_area(learner: Learner, local_area: LocalArea, why: str) -> None:
    holder = RecordHolder.objects.get(learner=learner, ends_on=None)
    tell(
        recipients=[local_area.id],
        learner_id=learner.id,
        kind="record passed",
        text=f"You now hold a Learner Record. {WITHOUT_PLACE[why]}.",
        link=f"/learners/{learner.id}/",
        key=f"passed-area:{holder.id}",
    )


def refresh_register(
    *, by: Actor, learner: Learner, leaving_reason: str = UNIVERSAL
) -> RegisterEntry | None:
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
        levels=levels_of(list(statements.select_related("area", "level"))),
        on=clock.today(),
        leaving_reason=leaving_reason,
    )


def lapse_open(*, by: Actor, learner: Learner) -> bool:
    """The record has passed: the open review lapses here; whether it was a *first*.

    Meetings that were to come are called off, and those invited are told: whoever keeps the record
    now offers their own. What was noticed and still waits is closed.
    """
    end_in_move(by=by, learner=learner)
    call_off_all(by=by, learner=learner, why="The record has passed on.")
    was_first = False
    for review in Review.objects.filter(learner=learner, state=Review.State.OPEN):
        was_first = review.kind == Review.Kind.FIRST
        Contribution.objects.filter(review=review).update(review=None)
        review.state = Review.State.LAPSED
        review.version += 1
        review.save(update_fields=["state", "version"])
    return was_first
