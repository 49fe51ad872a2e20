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
_BOXES = ("boxes__area", "boxes__level", "together__area", "together__level")


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
    """Practice guides for a box, a phase and words in title, summary or needs; by title.

    One for needs together is there for each of its areas, from the level of its box on.
    """
    rows = PracticeGuide.objects.prefetch_related(*_BOXES)
    if area or level:
        boxes = [b for b in published().boxes.values() if area in ("", b.area.code)]
        these = [b for b in boxes if level in ("", b.level.code)]
        highest = max((b.level.rank for b in these), default=-1)
        from_here = [b for b in boxes if b.level.rank <= highest]
        rows = rows.filter(Q(boxes__in=these) | Q(together__in=from_here))
    if phase:
        rows = rows.filter(phases__contains=[phase])
    for word in words.split():
        rows = rows.filter(
            Q(title__icontains=word) | Q(summary__icontains=word) | Q(needs__icontains=word)
        )
    return list(rows.distinct())


@dataclass(frozen=True)
class Together:
    """A guide for needs that a learner has together, and from which box on in each area."""

    guide: PracticeGuide
    boxes: tuple[Descriptor, ...]

    def meets(self, ranks: Mapping[str, int]) -> bool:
        """Whether needs of these ranks, by area, are all of them and high enough."""
        return all(ranks.get(box.area.code, 0) >= box.level.rank for box in self.boxes)

    def starts_at(self, box: Descriptor) -> bool:
        """Whether it is for needs of this box, or of a lower one of the same area."""
        return any(b.area == box.area and b.level.rank <= box.level.rank for b in self.boxes)


@dataclass(frozen=True)
class Offered:
    """A guide as it is offered for a need: `others` are the areas together with which it helps."""

    guide: PracticeGuide
    others: tuple[Area, ...] = ()


def together(grid: Grid) -> list[Together]:
    """The guides for needs together, by title: one query."""
    boxes = {box.id: box for box in grid.boxes.values()}
    links = PracticeGuide.together.through.objects.filter(descriptor__version=grid.version.id)
    found: dict[PracticeGuide, list[Descriptor]] = {}
    for link in links.select_related("practiceguide").order_by("practiceguide__title"):
        found.setdefault(link.practiceguide, []).append(boxes[link.descriptor_id])
    return [
        Together(guide, tuple(sorted(rows, key=lambda box: box.area.order)))
        for guide, rows in found.items()
    ]


def guides_of(grid: Grid, levels: Mapping[str, str]) -> dict[str, list[Offered]]:
    """The guides for a learner's needs, by the area's code: two queries.

    Those for needs that the learner has together come first. `levels` maps an area's code to a
    level's code.
    """
    found: dict[str, list[Offered]] = {area: [] for area in levels}
    ranks = {area: grid.level(level).rank for area, level in levels.items()}
    for several in together(grid):
        for box in several.boxes if several.meets(ranks) else ():
            others = tuple(b.area for b in several.boxes if b != box)
            found[box.area.code].append(Offered(several.guide, others))
    boxes = {grid.box(area, level).id: area for area, level in levels.items()}
    links = PracticeGuide.boxes.through.objects.filter(descriptor_id__in=boxes)
    for link in links.select_related("practiceguide").order_by("practiceguide__title"):
        offered = found[boxes[link.descriptor_id]]
        if link.practiceguide not in [o.guide for o in offered]:
            offered.append(Offered(link.practiceguide))
    return found


def guide(code: str) -> PracticeGuide:
    """One practice guide; raises NotVisible."""
    found = PracticeGuide.objects.prefetch_related(*_BOXES).filter(code=code)
    if not found:
        raise NotVisible
    return found[0]


def all_versions() -> list[FrameworkVersion]:
    """Every version, newest first."""
    return list(FrameworkVersion.objects.order_by("-published_on", "number"))
