"""Keeping the register true: rule 3 of domain.md, in one place.

A learner is on the register of each setting where a main or subsidiary enrolment is current — or on
the list of the local area that holds the record — exactly while there is a reason: a need at or
above the framework's threshold in force, an EHC plan, or having been brought over from a list that
the setting had, until somebody chooses a level.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.access.grants import Actor
from apps.audit import record
from apps.framework.models import FrameworkVersion
from apps.learners import policy
from apps.learners.models import EHCPlan, Enrolment, Learner, RecordHolder
from apps.register.models import BroughtOver, RegisterEntry

UNIVERSAL = "every area is universal"
Levels = dict[str, dict[str, object]]  # area code → {"level": code, "rank": rank}


@dataclass(frozen=True)
class _Place:
    setting_id: UUID | None
    local_area_id: UUID | None
    also_here: bool


@transaction.atomic
def recompute(
    *,
    by: Actor,
    learner: Learner,
    framework: FrameworkVersion,
    levels: Levels,
    on: date,
    leaving_reason: str = UNIVERSAL,
) -> RegisterEntry | None:
    """Bring the learner's entries in line with their needs and places on a day.

    Returns the holder's entry, or None when the learner is on no register now.
    """
    policy.check_can_hold(by, learner.id)
    highest = max((int(str(v["rank"])) for v in levels.values()), default=0)
    has_plan = _current(EHCPlan, learner, on).exists()
    brought_over = BroughtOver.objects.filter(learner=learner, ended_on=None).exists()
    reason = has_plan or brought_over or highest >= framework.register_rank
    places = _places(learner, on) if reason else []
    entries = {
        e.setting_id or e.local_area_id: e
        for e in RegisterEntry.objects.select_for_update().filter(learner=learner, ends_on=None)
    }
    facts = {
        "framework": framework,
        "levels": levels,
        "highest_rank": highest,
        "has_plan": has_plan,
        "brought_over": brought_over,
    }
    kept: RegisterEntry | None = None
    for place in places:
        entry = entries.pop(place.setting_id or place.local_area_id, None)
        entry = _write(by, learner, place, entry, facts, on)
        if not place.also_here:
            kept = entry
    for entry in entries.values():
        _leave(by, entry, on, "moved" if reason else leaving_reason)
    return kept


def _current(model: type[EHCPlan], learner: Learner, on: date):  # type: ignore[no-untyped-def]
    return model.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=on), learner=learner, starts_on__lte=on
    )


def _places(learner: Learner, on: date) -> list[_Place]:
    """Where the learner is listed on a day: enrolments but no guest; else the area that holds."""
    holder = RecordHolder.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=on), learner=learner, starts_on__lte=on
    ).first()
    enrolments = (
        Enrolment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=on), learner=learner)
        .filter(starts_on__lte=on)
        .exclude(kind=Enrolment.Kind.GUEST)
        .values_list("setting_id", flat=True)
    )
    holder_setting = holder.setting_id if holder else None
    places = [_Place(s, None, also_here=s != holder_setting) for s in enrolments]
    if holder and holder.local_area_id:
        places.append(_Place(None, holder.local_area_id, also_here=False))
    return places


def _write(
    by: Actor,
    learner: Learner,
    place: _Place,
    entry: RegisterEntry | None,
    facts: dict[str, object],
    on: date,
) -> RegisterEntry:
    values = {**facts, "also_here": place.also_here}
    if entry:
        for name, value in values.items():
            setattr(entry, name, value)
        entry.save(update_fields=list(values))
        return entry
    entry = RegisterEntry(
        learner=learner,
        setting_id=place.setting_id,
        local_area_id=place.local_area_id,
        starts_on=on,
        **values,
    )
    entry.save(force_insert=True)
    _note(by, entry, "put on the register")
    return entry


def _leave(by: Actor, entry: RegisterEntry, on: date, why: str) -> None:
    entry.ends_on = max(on, entry.starts_on)
    entry.leaving_reason = why
    entry.save(update_fields=["ends_on", "leaving_reason"])
    _note(by, entry, "left the register")


def _note(by: Actor, entry: RegisterEntry, action: str) -> None:
    record.event(
        by=by,
        action=action,
        subject_kind="register entry",
        subject_id=entry.id,
        learner_id=entry.learner_id,
        detail={"setting": entry.setting_id, "local_area": entry.local_area_id},
    )
