"""A second setting, and an EHC plan: facts beside the main enrolment and the record.

The register is kept true by whoever calls these (`reviews.actions.places`).
"""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction

from apps.access.grants import Actor
from apps.access.permissions import Right
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.learners import access_rows, policy, referrals
from apps.learners.access_rows import Grantee
from apps.learners.actions import ALSO, close
from apps.learners.models import EHCPlan, Enrolment, Learner
from apps.settings.models import LocalArea, Setting

# A subsidiary setting reads and contributes; where the learner is a guest they are read about.
RIGHTS = {Enrolment.Kind.SUBSIDIARY: Right.CONTRIBUTE, Enrolment.Kind.GUEST: Right.READ}


@transaction.atomic
def enrol_also(
    *, by: Actor, learner: Learner, setting: Setting, kind: str, year_group: int
) -> Enrolment:
    """Enrol a learner at a second setting from today; it sees the record at once.

    Raises Invalid for a kind that is neither subsidiary nor guest, InvalidTransition when the
    learner is there already.
    """
    policy.check_can_hold(by, learner.id)
    if kind not in RIGHTS:
        raise Invalid("Choose how the learner attends.", {"kind": "Choose one."})
    if setting.status == Setting.Status.CLOSED:
        raise Invalid(f"{setting} has closed.", {"setting": "Choose an open setting."})
    enrolment = Enrolment(
        learner=learner,
        setting=setting,
        kind=kind,
        year_group=year_group,
        starts_on=clock.today(),
    )
    try:
        with transaction.atomic():
            enrolment.save(force_insert=True)
    except IntegrityError:
        raise InvalidTransition(f"{learner} is at {setting} already.") from None
    access_rows.give(
        learner_id=learner.id,
        kind=Grantee.SETTING,
        grantee_id=setting.id,
        right=RIGHTS[Enrolment.Kind(kind)],
        reason=ALSO,
        because_id=enrolment.id,
    )
    _note(by, f"{kind} enrolment began", enrolment)
    return enrolment


@transaction.atomic
def end_also(*, by: Actor, enrolment: Enrolment) -> None:
    """End an enrolment at a second setting today; what it saw it sees no more."""
    policy.check_can_hold(by, enrolment.learner_id)
    if enrolment.kind == Enrolment.Kind.MAIN or enrolment.ends_on:
        raise InvalidTransition("That enrolment has ended, or is the main one.")
    access_rows.end(learner_id=enrolment.learner_id, grantee_id=enrolment.setting_id, reason=ALSO)
    referrals.end_all(enrolment.learner, enrolment.setting_id)
    _note(by, f"{enrolment.kind} enrolment ended", enrolment)
    close(enrolment, clock.today())


@transaction.atomic
def note_plan(*, by: Actor, learner: Learner, local_area: LocalArea, starts_on: date) -> EHCPlan:
    """Note that an EHC plan is in force; raises Invalid for the future, InvalidTransition."""
    policy.check_can_hold(by, learner.id)
    if starts_on > clock.today():
        raise Invalid("This day is still to come.", {"starts_on": "Enter today or earlier."})
    plan = EHCPlan(learner=learner, local_area=local_area, starts_on=starts_on)
    try:
        with transaction.atomic():
            plan.save(force_insert=True)
    except IntegrityError:
        raise InvalidTransition(f"{learner} had an EHC plan on that day already.") from None
    _note(by, "EHC plan noted", plan)
    return plan


@transaction.atomic
def end_plan(*, by: Actor, plan: EHCPlan) -> None:
    """Note that an EHC plan ended today."""
    policy.check_can_hold(by, plan.learner_id)
    if plan.ends_on:
        raise InvalidTransition("That plan has ended already.")
    _note(by, "EHC plan ended", plan)
    close(plan, clock.today())


def _note(by: Actor, action: str, fact: Enrolment | EHCPlan) -> None:
    kind = "enrolment" if isinstance(fact, Enrolment) else "EHC plan"
    record.event(
        by=by, action=action, subject_kind=kind, subject_id=fact.id, learner_id=fact.learner_id
    )
