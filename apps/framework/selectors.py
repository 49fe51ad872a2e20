"""Reading the framework: a version is small and never changes once published, so it is kept whole."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from apps.common.exceptions import Invalid, NotVisible
from apps.framework.models import Area, Descriptor, FrameworkVersion, Level


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
    """The published version; raises Invalid when none is loaded."""
    found = FrameworkVersion.objects.filter(status="published").values_list("pk", flat=True).first()
    if found is None:
        raise Invalid("No National Framework is published. Load one first.")
    return grid(found)


def version(number: str) -> Grid:
    """A version by its number; raises NotVisible."""
    found = FrameworkVersion.objects.filter(number=number).values_list("pk", flat=True).first()
    if found is None:
        raise NotVisible
    return grid(found)
