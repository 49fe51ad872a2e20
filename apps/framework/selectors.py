"""Reading the framework: a version is small and fixed once published, so it is kept whole."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from django.db.models import Q

from apps.common.exceptions import Invalid, NotVisible
from apps.framework.models import Area, Descriptor, FrameworkVersion, Level, PracticeGuide

ASK_AGAIN = 30  # seconds


@dataclass(frozen=True)
class Grid:
    """One version with its areas in order, its levels by rank, and the box where they meet."""

    version: FrameworkVersion
    areas: tuple[Area, ...]
    levels: tuple[Level, ...]
    boxes: dict[tuple[str, str], Descriptor]

    def area(self, code: str) -> Area:
        """The area with this code; raises Invalid."""
        for area in self.areas:
            if area.code == code:
                return area
        raise Invalid("Choose one of the areas of need.")

    def level(self, code: str) -> Level:
        """The level with this code; raises Invalid."""
        for level in self.levels:
            if level.code == code:
                return level
        raise Invalid("Choose one of the levels of need.")

    def box(self, area: str, level: str) -> Descriptor:
        """The descriptor of a box; raises NotVisible."""
        try:
            return self.boxes[(area, level)]
        except KeyError:
            raise NotVisible from None


@lru_cache(maxsize=16)
def grid(version_id: UUID) -> Grid:
    """A version as a grid. Kept in memory: a version's wording is fixed once records use it."""
    version = FrameworkVersion.objects.get(pk=version_id)
    areas = tuple(version.areas.all())
    levels = tuple(version.levels.all())
    boxes = {
        (d.area.code, d.level.code): d for d in version.descriptors.select_related("area", "level")
    }
    return Grid(version, areas, levels, boxes)


def published() -> Grid:
    """The published version; raises Invalid when none is loaded.

    Asked for on every page and changed once in years, so each process asks twice a minute.
    """
    return grid(_published_id(int(time.monotonic() // ASK_AGAIN)))


@lru_cache(maxsize=1)
def _published_id(window: int) -> UUID:
    found = FrameworkVersion.objects.filter(status="published").values_list("pk", flat=True).first()
    if found is None:
        raise Invalid("No National Framework is published. Load one first.")
    return found


def forget() -> None:
    """Ask the database again: a version was loaded or published here."""
    grid.cache_clear()
    _published_id.cache_clear()


def version(number: str) -> Grid:
    """A version by its number; raises NotVisible."""
    found = FrameworkVersion.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise NotVisible
    return grid(found)


def guides(
    *, area: str = "", level: str = "", phase: str = "", words: str = ""
) -> list[PracticeGuide]:
    """Practice guides for a box, a phase and words in title, summary or needs; by title."""
    rows = PracticeGuide.objects.prefetch_related("boxes__area", "boxes__level")
    if area:
        rows = rows.filter(boxes__area__code=area, boxes__version__status="published")
    if level:
        rows = rows.filter(boxes__level__code=level, boxes__version__status="published")
    if phase:
        rows = rows.filter(phases__contains=[phase])
    for word in words.split():
        rows = rows.filter(
            Q(title__icontains=word) | Q(summary__icontains=word) | Q(needs__icontains=word)
        )
    return list(rows.distinct())


def guides_of(grid: Grid, levels: Mapping[str, str]) -> dict[str, list[PracticeGuide]]:
    """The guides for a level in each area, by the area's code: one query.

    `levels` maps an area's code to a level's code.
    """
    boxes = {grid.box(area, level).id: area for area, level in levels.items()}
    found: dict[str, list[PracticeGuide]] = {area: [] for area in levels}
    links = PracticeGuide.boxes.through.objects.filter(descriptor_id__in=boxes)
    for link in links.select_related("practiceguide").order_by("practiceguide__title"):
        found[boxes[link.descriptor_id]].append(link.practiceguide)
    return found


def guide(code: str) -> PracticeGuide:
    """One practice guide; raises NotVisible."""
    found = PracticeGuide.objects.prefetch_related("boxes__area", "boxes__level").filter(code=code)
    if not found:
        raise NotVisible
    return found[0]


def all_versions() -> list[FrameworkVersion]:
    """Every version, newest first."""
    return list(FrameworkVersion.objects.order_by("-published_on", "number"))
