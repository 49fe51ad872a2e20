"""What a record page says of time: what changed since last term, and the levels term by term."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.framework import selectors as framework
from apps.framework.models import Level
from apps.framework.selectors import Grid
from apps.reviews import sentences
from apps.reviews.models import Kind, Progress
from apps.reviews.selectors import Record
from apps.reviews.sentences import Reader
from apps.reviews.story import Story
from apps.web.templatetags.govuk import shade

# The picture, in its own units: a box a term, a line of words above each row of boxes.
BOX, GAP, WORDS, LEAST = 28, 4, 20, 330


def of_record(record: Record, grid: Grid, *, own: bool = False) -> dict[str, Any]:
    """What the pages of a record and of a child show; nothing while there is one term alone."""
    told = Story(record)
    if told.last_term is None:
        return {}
    family = record.sight.family
    reader = Reader(record.sight.learner.known_given, family=family, own=own)
    marks = {key: said["mark"] for key, said in record.progress.items()}
    outcomes = (s for s in (*record.earlier, *record.statements) if s.kind == Kind.OUTCOME)
    met = [s for s in outcomes if marks.get(s.key) == Progress.Mark.ACHIEVED]
    since = "last term" if told.follows else f"in {told.last_term.name.lower()}"
    return {
        "since": told.last_term.said,
        "changed": sentences.changed(told.changes(), reader, since=since, achieved=met),
        "over_time": over_time(told, grid, family=family),
    }


@dataclass(frozen=True)
class Box:
    """A level in one area at the end of one term, where it stands in the picture."""

    x: int
    rank: int | None
    level: Level | None
    most: int
    shade: str
    dark: bool

    @property
    def words(self) -> str:
        """As the table says it to a family: how far along, not the level's word."""
        return "Not described" if self.rank is None else f"{self.rank} of {self.most}"


@dataclass(frozen=True)
class Row:
    """One area: its name, where its words and boxes stand, and the boxes."""

    name: str
    words_y: int
    boxes_y: int
    boxes: list[Box]


@dataclass(frozen=True)
class OverTime:
    """Levels by area, term by term: the picture and its numbers."""

    terms: list[str]
    rows: list[Row]
    width: int
    height: int
    family: bool

    @property
    def by_term(self) -> list[tuple[str, list[Box]]]:
        """The numbers, a line a term, newest first."""
        lines = [(term, [row.boxes[i] for row in self.rows]) for i, term in enumerate(self.terms)]
        return lines[::-1]


def over_time(told: Story, grid: Grid, *, family: bool) -> OverTime:
    """The picture of one record's levels, and its numbers."""
    rows = []
    for i, area in enumerate(grid.areas):
        top = i * (WORDS + BOX + 3 * GAP)
        boxes = [_box(told, area.code, j, term.number) for j, term in enumerate(told.terms)]
        name = area.family_name if family else area.name
        rows.append(Row(name, top + WORDS - 6, top + WORDS, boxes))
    return OverTime(
        terms=[term.name for term in told.terms],
        rows=rows,
        width=max(LEAST, len(told.terms) * (BOX + GAP)),
        height=len(rows) * (WORDS + BOX + 3 * GAP),
        family=family,
    )


def _box(told: Story, area: str, position: int, number: int) -> Box:
    x = position * (BOX + GAP)
    need = told.need_at(area, number)
    if need is None or need.level is None:
        return Box(x, None, None, 0, "lr-time__none", dark=False)
    levels = len(framework.grid(need.level.version_id).levels)
    name = shade(need.level.rank, levels)
    return Box(x, need.level.rank, need.level, levels - 1, name, dark=name[-1] in "45")
