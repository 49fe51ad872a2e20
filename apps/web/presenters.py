"""Small shapes that several pages show: the child banner, levels as bars, the count grid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.common import clock
from apps.framework.selectors import Grid
from apps.learners.models import Learner


def age_on(born: Any, day: Any) -> int:
    """Whole years on a day."""
    return int(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


@dataclass(frozen=True)
class Banner:
    """Whose record this is, on every page of theirs: first name largest."""

    learner_id: UUID
    first: str
    rest: str
    family_first: bool
    born: Any
    age: int
    certainty: str
    place: str


def banner(learner: Learner, place: str = "") -> Banner:
    """The child banner of a learner."""
    known = learner.birth_date_certainty == Learner.BirthDateCertainty.KNOWN
    return Banner(
        learner_id=learner.id,
        first=learner.known_given,
        rest=learner.known_family,
        family_first=learner.family_name_first,
        born=learner.date_of_birth,
        age=age_on(learner.date_of_birth, clock.today()),
        certainty="" if known else learner.get_birth_date_certainty_display().lower(),
        place=place,
    )


def bars(grid: Grid, levels: dict[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """A learner's four levels in the grid's order, for the small bars of a list line."""
    names = {level.code: level.name for level in grid.levels}
    found = []
    for area in grid.areas:
        value = levels.get(area.code, {"level": grid.levels[0].code, "rank": 0})
        found.append(
            {
                "area": area.short_name,
                "rank": value["rank"],
                "name": names.get(str(value["level"]), str(value["level"])),
            }
        )
    return found


def count_grid(grid: Grid, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many learners are at each level of each area, as the grid that filters when clicked."""
    counted = []
    for area in grid.areas:
        cells = [
            {
                "level": level,
                "count": sum(
                    r["levels"].get(area.code, {}).get("level") == level.code for r in rows
                ),
            }
            for level in grid.levels
        ]
        counted.append({"area": area, "cells": cells})
    return counted


def learner_grid(grid: Grid, needs: dict[str, Any]) -> list[dict[str, Any]]:
    """A learner's need in each area, with the change since the statement it replaced."""
    rows = []
    for area in grid.areas:
        need = needs.get(area.code)
        before = need.replaces.level.rank if need and need.replaces else None
        now = need.level.rank if need else None
        trend = ""
        if before is not None and now is not None and before != now:
            trend = "more support than last term" if now > before else "less support than last term"
        rows.append({"area": area, "need": need, "rank": now, "trend": trend})
    return rows
