"""What happens to a learner: joining, leaving, the record passing. Their family: `family.py`."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.access.permissions import Right
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.learners import access_rows, areas, deciding, policy, referrals
from apps.learners.access_rows import Grantee
from apps.learners.models import (
    CensusCode,
    EHCPlan,
    Enrolment,
    FormerIdentifier,
    Learner,
    LearnerAccess,
    RecordHolder,
)
from apps.learners.names import name_key
from apps.settings.models import LocalArea, Setting

# The reasons that rows of learner access carry; those of areas and referrals are beside theirs.
ENROLLED = "enrolled"
ALSO = "also there"
HOLDER = "holds the record"


@transaction.atomic
def add_learner(
    *,
    by: Actor,
    setting: Setting,
    values: dict[str, Any],
    year_group: int,
    starts_on: date,
    class_name: str = "",
) -> Learner:
    """Add a learner with a main enrolment at `setting`, who may keep them from now on.

    `values` are fields of Learner. Until the first register entry the enrolment gives *hold*.
    Raises Refused, and IntegrityError where the database finds a number taken.
    """
    policy.check_can_add(by, setting.id)
    learner = Learner(**values)
    learner.name_key = name_key(learner.known_family, learner.known_given)
    Learner.objects.bulk_create([learner])
    access_rows.give(
        learner_id=learner.id,
        kind=Grantee.SETTING,
        grantee_id=setting.id,
        right=Right.HOLD,
        reason=ENROLLED,
    )
    Enrolment.objects.create(
        learner=learner,
        setting=setting,
        year_group=year_group,
        class_name=class_name,
        starts_on=starts_on,
    )
    areas.look_after(learner)
    record.event(
        by=by,
        action="learner added",
        subject_kind="learner",
        subject_id=learner.id,
        learner_id=learner.id,
        detail={"setting": setting.id},
    )
    return learner


@transaction.atomic
def update_learner(*, by: Actor, learner: Learner, values: dict[str, Any]) -> None:
    """Change facts about a learner; a replaced UPN is kept as a former one.

    Which local areas may see the learner follows where they live and who looks after them.
    """
    policy.check_can_hold(by, learner.id)
    before = learner.upn
    for name, value in values.items():
        setattr(learner, name, value)
    learner.name_key = name_key(learner.known_family, learner.known_given)
    learner.version += 1
    if before and "upn" in values and before != values["upn"]:
        FormerIdentifier.objects.create(
            learner=learner, kind="upn", value=before, ended_on=clock.today()
        )
    learner.save(update_fields=[*values, "name_key", "version"])
    if any(name.removesuffix("_id") in {"home_area", "looked_after_by"} for name in values):
        areas.follow(learner)
    if "date_of_birth" in values:
        deciding.lay_rights(learner)
    record.event(
        by=by,
        action="learner changed",
        subject_kind="learner",
        subject_id=learner.id,
        learner_id=learner.id,
        detail={"fields": sorted(values)},
    )


@transaction.atomic
def note_former_upns(*, by: Actor, learner: Learner, upns: list[str]) -> None:
    """Keep numbers that the learner had before; one that is kept already stays as it is.

    Raises IntegrityError where the database finds a number taken.
    """
    policy.check_can_hold(by, learner.id)
    kept = set(learner.former_identifiers.values_list("value", flat=True))
    for upn in set(upns) - kept:
        FormerIdentifier.objects.create(
            learner=learner, kind="upn", value=upn, ended_on=clock.today()
        )


@transaction.atomic
def update_enrolment(*, by: Actor, enrolment: Enrolment, year_group: int, class_name: str) -> None:
    """Change the actual year group and the class."""
    policy.check_can_hold(by, enrolment.learner_id)
    enrolment.year_group = year_group
    enrolment.class_name = class_name
    enrolment.save(update_fields=["year_group", "class_name"])
    _note(by, "enrolment changed", "enrolment", enrolment.id, enrolment.learner_id)


@transaction.atomic
def note_census_code(
    *,
    by: Actor,
    learner: Learner,
    setting_id: UUID | None,
    code: str,
    need_types: list[str],
    starts_on: date | None = None,
    ends_on: date | None = None,
) -> None:
    """Note the census code that a setting decided; it puts nobody on a register.

    From today unless `starts_on` says when. With `ends_on` it is history, noted beside what is
    there; the caller has seen that the days are free. Otherwise it ends the one in force.
    """
    policy.check_can_hold(by, learner.id)
    today = clock.today()
    starts_on = min(starts_on or today, today)
    if ends_on is None:
        now = CensusCode.objects.filter(learner=learner, ends_on=None).first()
        if now and (now.code, now.need_types) == (code, need_types):
            return
        past = CensusCode.objects.filter(learner=learner, ends_on__gt=starts_on).exists()
        if past or (now and starts_on <= now.starts_on):
            starts_on = today
        if now and now.starts_on == starts_on:
            now.delete()
        elif now:
            now.ends_on = starts_on
            now.save(update_fields=["ends_on"])
    CensusCode.objects.create(
        learner=learner,
        setting_id=setting_id,
        code=code,
        need_types=need_types,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    _note(by, "census code noted", "learner", learner.id, learner.id)


def _note(by: Actor, action: str, kind: str, subject_id: UUID, learner_id: UUID) -> None:
    record.event(
        by=by, action=action, subject_kind=kind, subject_id=subject_id, learner_id=learner_id
    )


@transaction.atomic
def start_record(*, by: Actor, learner: Learner, setting: Setting, on: date) -> None:
    """The first register entry: `setting` holds the record, and its local area oversees.

    Does nothing when somebody holds the record already.
    """
    policy.check_can_hold(by, learner.id)
    if RecordHolder.objects.filter(learner=learner).exists():
        return
    RecordHolder.objects.create(
        learner=learner, setting=setting, reason=RecordHolder.Reason.FIRST_ENTRY, starts_on=on
    )
    _hold(learner, setting.id, Grantee.SETTING)
    areas.oversee(learner, setting.local_area_id)


def _hold(learner: Learner, organisation_id: UUID, kind: str) -> None:
    access_rows.give(
        learner_id=learner.id,
        kind=kind,
        grantee_id=organisation_id,
        right=Right.HOLD,
        reason=HOLDER,
    )


@transaction.atomic
def pass_record(
    *,
    by: Actor,
    learner: Learner,
    to: Setting | LocalArea,
    on: date,
    year_group: int,
    reason: str = RecordHolder.Reason.MOVE,
    leaving_reason: str = "moved",
) -> None:
    """The record passes: main enrolment, record holder and access, in one transaction, no gap.

    The setting before keeps read-only what it held. `to` a local area means without a setting.
    Raises Invalid when the learner has no holder or is there already.
    """
    holder = RecordHolder.objects.select_for_update().filter(learner=learner, ends_on=None).first()
    if holder is None:
        raise Invalid("Nobody holds this learner's record yet, so it cannot pass.")
    before_id = holder.setting_id or holder.local_area_id
    if before_id == to.id:
        raise Invalid(f"{to} holds this record already.")
    new = RecordHolder(learner=learner, reason=reason, starts_on=on)
    if isinstance(to, Setting):
        new.setting = to
    else:
        new.local_area = to
    # The new holder's right comes first: everything after is written under it.
    _hold(learner, to.id, Grantee.SETTING if isinstance(to, Setting) else Grantee.LOCAL_AREA)
    close(holder, on)
    new.save(force_insert=True)
    for main in Enrolment.objects.filter(learner=learner, kind="main", ends_on=None):
        main.leaving_reason = leaving_reason
        close(main, on, "leaving_reason")
    if isinstance(to, Setting):
        _enrol(learner, to, on, year_group)
    _pass_access(learner, holder, to)


def close(row: RecordHolder | Enrolment | EHCPlan, on: date, *fields: str) -> None:
    """End a dated fact; one that began on that day never held for a day, and is taken out."""
    if row.starts_on >= on:
        row.delete()
        return
    row.ends_on = on
    row.save(update_fields=["ends_on", *fields])


def _enrol(learner: Learner, setting: Setting, on: date, year_group: int) -> None:
    """A main enrolment; one that is there as subsidiary or guest ends, with the right it gave."""
    for other in Enrolment.objects.filter(learner=learner, setting=setting, ends_on=None):
        access_rows.end(learner_id=learner.id, grantee_id=setting.id, reason=ALSO)
        close(other, on)
    Enrolment.objects.create(learner=learner, setting=setting, year_group=year_group, starts_on=on)


def _pass_access(learner: Learner, before: RecordHolder, to: Setting | LocalArea) -> None:
    """The areas of the new place; classes and referrals of the old one end with it."""
    areas.oversee(learner, to.local_area_id if isinstance(to, Setting) else None)
    LearnerAccess.objects.filter(
        learner=learner, grantee_kind=Grantee.TEACHING_GROUP, ends_on=None
    ).update(ends_on=clock.today())
    referrals.end_all(learner)
    learner.teaching_groups.all().delete()
    # Last, since the right to write all this may come from the row that ends here.
    for reason in (ENROLLED, HOLDER):
        access_rows.end(
            learner_id=learner.id,
            grantee_id=before.setting_id or before.local_area_id,
            reason=reason,
        )
