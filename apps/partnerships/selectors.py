"""What a local area's officer sees: registers by setting, counted live from the entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.learners.policy import seen_by
from apps.register.models import RegisterEntry
from apps.reviews.models import Review
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
        """On the register as a percentage of the roll."""
        return round(100 * self.on_register / self.setting.roll, 1) if self.setting.roll else None


def areas_of(actor: Actor) -> list[UUID]:
    """The local areas that the actor oversees; raises NotVisible without one."""
    found = actor.organisations(Permission.OVERSEE_AREA)
    if not found:
        raise NotVisible
    return found


def registers(actor: Actor) -> list[SettingFigures]:
    """Every open setting of the actor's areas with its figures: two queries."""
    areas = areas_of(actor)
    overdue = Review.objects.filter(
        learner_id=OuterRef("learner_id"), state=Review.State.OPEN, due_on__lt=clock.today()
    )
    counted: dict[UUID, dict[str, Any]] = {}
    rows = (
        RegisterEntry.objects.filter(
            seen_by(actor, "learner_id"), setting__local_area_id__in=areas, ends_on=None
        )
        .filter(also_here=False)
        .annotate(is_overdue=Exists(overdue))
        .values("setting_id", "highest_rank")
        .annotate(n=Count("pk"), late=Count("pk", filter=Q(is_overdue=True)))
    )
    for row in rows:
        kept = counted.setdefault(row["setting_id"], {"ranks": {}, "late": 0})
        kept["ranks"][row["highest_rank"]] = row["n"]
        kept["late"] += row["late"]
    settings = Setting.objects.filter(local_area_id__in=areas).exclude(status="closed")
    return [
        SettingFigures(
            setting=s,
            on_register=sum(counted.get(s.id, {"ranks": {}})["ranks"].values()),
            by_rank=counted.get(s.id, {"ranks": {}})["ranks"],
            overdue=counted.get(s.id, {"late": 0})["late"],
        )
        for s in settings.order_by("name")
    ]


def levels_in_area(actor: Actor) -> list[Any]:
    """The combinations of levels on the registers of the actor's areas, and how many have each.

    There are far fewer combinations than learners: an area of 17,000 has some hundreds.
    """
    return list(
        RegisterEntry.objects.filter(
            seen_by(actor, "learner_id"),
            setting__local_area_id__in=areas_of(actor),
            ends_on=None,
            also_here=False,
        )
        .values("levels")
        .annotate(learners=Count("pk"))
    )


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
