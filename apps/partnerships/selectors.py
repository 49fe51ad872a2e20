"""What a local area's officer sees: registers by setting, counted live by the database."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection

from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common.exceptions import NotVisible
from apps.learners.policy import seen_by
from apps.register.models import RegisterEntry
from apps.settings.models import Setting


@dataclass(frozen=True)
class SettingFigures:
    """One setting's register: how many, how they spread, reviews overdue."""

    setting: Setting
    on_register: int
    by_rank: dict[int, int]
    overdue: int

    @property
    def share(self) -> float | None:
        """On the register as a percentage of the roll.

        The roll is of the national register of schools, a year old at times: None where fewer
        are on it than on our register.
        """
        roll = self.setting.roll or 0
        return round(100 * self.on_register / roll, 1) if roll >= max(self.on_register, 1) else None


def areas_of(actor: Actor) -> list[UUID]:
    """The local areas that the actor oversees; raises NotVisible without one."""
    found = actor.organisations(Permission.OVERSEE_AREA)
    if not found:
        raise NotVisible
    return found


@dataclass(frozen=True)
class Registers:
    """The registers of the actor's areas: setting by setting, and the combinations of levels.

    There are far fewer combinations than learners: an area of 17,000 has some hundreds.
    """

    settings: list[SettingFigures]
    levels: list[dict[str, Any]]


def registers(actor: Actor) -> Registers:
    """Every open setting of the actor's areas with its figures: two queries.

    The database counts (`partnerships_registers`), for the areas whose learners the actor may open.
    """
    areas = areas_of(actor)
    asked()
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM partnerships_registers()")
        rows = cursor.fetchall()
    ranks: dict[UUID, dict[int, int]] = {}
    overdue: Counter[UUID] = Counter()
    levels = []
    for setting_id, rank, combination, learners, late in rows:
        if setting_id is None:
            levels.append({"levels": json.loads(combination), "learners": learners})
            continue
        ranks.setdefault(setting_id, {})[rank] = learners
        overdue[setting_id] += late
    settings = Setting.objects.filter(local_area_id__in=areas).exclude(status="closed")
    figures = [
        SettingFigures(
            setting=s,
            on_register=sum(ranks.get(s.id, {}).values()),
            by_rank=ranks.get(s.id, {}),
            overdue=overdue[s.id],
        )
        for s in settings.order_by("name")
    ]
    return Registers(figures, levels)


def held(actor: Actor) -> list[RegisterEntry]:
    """The records that the actor's areas hold: learners without a setting, by name."""
    entries = RegisterEntry.objects.filter(
        seen_by(actor, "learner_id"), local_area_id__in=areas_of(actor), ends_on=None
    )
    return list(entries.select_related("learner").order_by("learner__name_key"))


def residents_elsewhere(actor: Actor) -> list[RegisterEntry]:
    """The register entries of learners who live in the actor's areas and are listed in another."""
    areas = areas_of(actor)
    entries = RegisterEntry.objects.filter(
        seen_by(actor, "learner_id"), learner__home_area_id__in=areas, ends_on=None
    ).filter(also_here=False)
    rows = entries.exclude(setting__local_area_id__in=areas).exclude(local_area_id__in=areas)
    rows = rows.select_related("learner__looked_after_by", "setting__local_area", "local_area")
    return list(rows.order_by("learner__name_key", "id"))


def register_of(actor: Actor, setting_id: UUID) -> tuple[Setting, list[RegisterEntry]]:
    """One setting's register, a line a learner; raises NotVisible outside the actor's areas."""
    setting = Setting.objects.filter(pk=setting_id, local_area_id__in=areas_of(actor)).first()
    if setting is None:
        raise NotVisible
    entries = RegisterEntry.objects.filter(
        seen_by(actor, "learner_id"), setting_id=setting_id, ends_on=None
    )
    rows = entries.select_related("learner__home_area", "learner__looked_after_by")
    return setting, list(rows.order_by("learner__name_key"))
