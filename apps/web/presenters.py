"""Small shapes that several pages show: the child banner, levels as bars, the count grid."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from apps.common import clock
from apps.framework.selectors import Grid
from apps.framework.selectors import grid as framework_grid
from apps.learners.models import Learner
from apps.reviews.models import Statement
from apps.reviews.selectors import Record
from apps.reviews.story import Story


def age_on(born: Any, day: Any) -> int:
    """Whole years on a day."""
    return int(day.year - born.year - ((day.month, day.day) < (born.month, born.day)))


def time_of(at: datetime) -> str:
    """A moment as pages write it: Monday 14 March 2027, 15:30."""
    return f"{timezone.localtime(at):%A %-d %B %Y, %H:%M}"


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
    group: str
    died: Any


def banner(learner: Learner, place: str = "", group: str = "") -> Banner:
    """The child banner of a learner; `group` is the year group and class, where a page knows."""
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
        group=group,
        died=learner.died_on,
    )


def bars(grid: Grid, levels: dict[str, dict[str, Any]]) -> SafeString:
    """A learner's levels in the grid's order, as the small bars of a list line.

    An area that nobody has described yet is not universal, and shows a dash. There are few
    different lines and every list is full of them, so each is rendered once.
    """
    found = (levels.get(area.code, {"level": ""}) for area in grid.areas)
    return _bars(grid.version.id, tuple(str(value["level"]) for value in found))


@lru_cache(maxsize=2048)
def _bars(version_id: UUID, codes: tuple[str, ...]) -> SafeString:
    grid = framework_grid(version_id)
    levels = {level.code: level for level in grid.levels}
    shown = [
        {"area": area.short_name, "level": levels.get(code)}
        for area, code in zip(grid.areas, codes, strict=True)
    ]
    context = {"bars": shown, "levels": len(grid.levels)}
    return render_to_string("components/bars.html", context)


def count_grid(grid: Grid, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """How many learners are at each level of each area, as the grid that filters when clicked.

    A row is one learner's levels, or those of so many `learners`.
    """
    counts: Counter[tuple[str, str]] = Counter()
    described: Counter[str] = Counter()
    for row in rows:
        for area, value in row["levels"].items():
            counts[(area, value["level"])] += row.get("learners", 1)
            described[area] += row.get("learners", 1)
    learners = sum(row.get("learners", 1) for row in rows)
    return [
        {
            "area": area,
            "cells": [
                {"level": level, "count": counts[(area.code, level.code)]} for level in grid.levels
            ],
            "undescribed": learners - described[area.code],
        }
        for area in grid.areas
    ]


def learner_grid(grid: Grid, record: Record) -> list[dict[str, Any]]:
    """A learner's need in each area, with the change since the term before it was described so."""
    told, rows = Story(record), []
    for area in grid.areas:
        need = record.needs.get(area.code)
        rank = need.level.rank if need and need.level else None
        trend = _trend(told, need) if need else ""
        rows.append({"area": area, "need": need, "rank": rank, "trend": trend})
    return rows


def _trend(told: Story, need: Statement) -> str:
    was, since = told.before(need)
    if was is None and (begun := told.stands_since(need)):
        return f"same level since {begun}"
    if was is None or was.level is None or need.level is None or was.level.rank == need.level.rank:
        return ""
    return f"{'more' if need.level.rank > was.level.rank else 'less'} support than {since}"
