"""The open review as its page shows it: what is in force, what changes, who last saw it so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any
from uuid import UUID

from apps.access.grants import Actor
from apps.common.exceptions import NotVisible
from apps.framework import selectors as framework
from apps.framework.models import Area, Level
from apps.framework.selectors import Grid, Offered
from apps.learners.selectors import Sight
from apps.reviews import selectors
from apps.reviews.models import Contribution, DraftChange, Kind, Progress, Review, Statement
from apps.reviews.selectors import Record
from apps.reviews.still_true import LastSeen, last_seen, said_of, terms_unchanged

FIRST = (Kind.STRENGTH, Kind.ASPIRATION)
# So many terms unchanged ask for a conversation (domain.md, Life of a review).
TERMS_UNCHANGED = 3


@dataclass(frozen=True)
class Line:
    """One place of a section: a statement in force with what this review does to it, or a new one.

    `level` is a need's as it will be; `progress` an outcome's at this review; `first` and `final`
    say whether it stands at an end of its section.
    """

    kind: Kind
    statement: Statement | None = None
    change: DraftChange | None = None
    last: LastSeen | None = None
    area: Area | None = None
    level: Level | None = None
    progress: Progress | None = None
    first: bool = True
    final: bool = True

    @property
    def key(self) -> UUID | None:
        """The statement's key, or that of the change that adds it."""
        row = self.statement or self.change
        return row.id if row else None

    @property
    def place(self) -> str:
        """Its name on the page: a need's is its area's code, whatever stands there."""
        return self.area.code if self.kind == Kind.NEED and self.area else str(self.key)

    @property
    def ends(self) -> bool:
        """Whether this review withdraws it."""
        return bool(self.change and self.change.change == DraftChange.Change.WITHDRAW)

    @property
    def rewritten(self) -> bool:
        """Whether this review adds it or says it in other words."""
        words = (DraftChange.Change.ADD, DraftChange.Change.REPLACE)
        return bool(self.change and self.change.change in words)

    @property
    def shown(self) -> dict[str, Any] | Statement | None:
        """What it says now: the draft's words where there are any, else the statement's."""
        return self.change.values if self.change and self.rewritten else self.statement

    @property
    def order(self) -> tuple[int, str]:
        """Where it is read in its section."""
        drafted = self.change.values.get("order") if self.change else None
        kept = self.statement.order if self.statement else 0
        return (kept if drafted is None else drafted, str(self.key))


@dataclass(frozen=True)
class Section:
    """The statements of one kind."""

    kind: Kind
    lines: list[Line]

    @property
    def label(self) -> str:
        """What one of them is called."""
        return str(self.kind.label)

    @property
    def to_confirm(self) -> bool:
        """Whether something in it is in force, unchanged, and not said to be so in this review."""
        return any(s.statement and not s.change and not (s.last and s.last.now) for s in self.lines)


@dataclass(frozen=True)
class Workspace:
    """Everything that the page of an open review shows."""

    review: Review
    record: Record
    grid: Grid
    needs: list[Line]
    sections: list[Section]
    changes: list[DraftChange] = field(default_factory=list)

    @cached_property
    def guides(self) -> dict[str, list[Offered]]:
        """The practice guides for the needs above universal, by area."""
        above = {
            n.area.code: n.level.code for n in self.needs if n.area and n.level and n.level.rank
        }
        return framework.guides_of(self.grid, above)

    @property
    def before_needs(self) -> list[Section]:
        """What the learner can do and hopes for, which is read first."""
        return [s for s in self.sections if s.kind in FIRST]

    @property
    def after_needs(self) -> list[Section]:
        """The other sections."""
        return [s for s in self.sections if s.kind not in FIRST]

    @property
    def missing(self) -> list[Area]:
        """The areas that nobody has judged yet."""
        return [n.area for n in self.needs if n.area and n.level is None]

    @property
    def views(self) -> list[Contribution]:
        """What people said for this review."""
        return self.record.said

    @property
    def last_change(self) -> DraftChange | None:
        """The change that *undo* takes out."""
        return max(self.changes, key=lambda c: (c.made_at, c.version), default=None)

    @property
    def confirmed(self) -> int:
        """How many statements were said to be so in this review, or are changed by it."""
        return sum(1 for s in self._in_force if s.change or (s.last and s.last.now))

    @property
    def in_force(self) -> int:
        """How many statements were in force when the review began."""
        return len(self._in_force)

    @property
    def unchanged_terms(self) -> int:
        """For how many terms in a row nothing changed, up to this review."""
        return terms_unchanged(self.record.reviews)

    @property
    def asks_conversation(self) -> bool:
        """Whether another term without a change would be one too many without a conversation."""
        return self.unchanged_terms + 1 >= TERMS_UNCHANGED

    def section(self, kind: str) -> Section:
        """The section of a kind; raises NotVisible."""
        for section in self.sections:
            if section.kind == kind:
                return section
        raise NotVisible

    @property
    def adopted(self) -> set[str]:
        """The guides that a support in force, or a new one, follows already."""
        said = [line.shown for line in self.section(Kind.SUPPORT).lines if not line.ends]
        details = [s["details"] if isinstance(s, dict) else s.details for s in said if s]
        return {d["guide"] for d in details if d.get("guide")}

    def line(self, place: str) -> Line | None:
        """The line at this place, if there is one."""
        return next((line for line in self._lines if line.place == place), None)

    @property
    def _lines(self) -> list[Line]:
        return [*self.needs, *(line for s in self.sections for line in s.lines)]

    @property
    def _in_force(self) -> list[Line]:
        return [line for line in self._lines if line.statement]


def workspace(actor: Actor, seen: Sight, review: Review) -> Workspace:
    """The review for whoever writes it, who was asked for already: eight queries."""
    record = selectors.record(actor, seen, said_for=review.id)
    grid = framework.grid(review.framework_id)
    changes = list(review.changes.select_related("made_by").order_by("made_at", "id"))
    said = said_of(r.id for r in record.reviews)
    last = last_seen(record.statements, record.reviews, said)
    needs = list(_needs(record, grid, changes, last))
    return Workspace(
        review=review,
        record=record,
        grid=grid,
        needs=needs,
        sections=[
            Section(kind, _section(kind, record, changes, last, review))
            for kind in Kind
            if kind != Kind.NEED
        ],
        changes=changes,
    )


def _needs(
    record: Record, grid: Grid, changes: list[DraftChange], last: dict[UUID, LastSeen]
) -> Iterable[Line]:
    drafted = {c.values.get("area"): c for c in changes if c.values.get("kind") == Kind.NEED}
    for area in grid.areas:
        need, draft = record.needs.get(area.code), drafted.get(area.code)
        level = grid.level(draft.values["level"]) if draft else need.level if need else None
        yield Line(
            Kind.NEED, need, draft, last.get(need.id) if need else None, area=area, level=level
        )


def _section(
    kind: Kind,
    record: Record,
    changes: list[DraftChange],
    last: dict[UUID, LastSeen],
    review: Review,
) -> list[Line]:
    changed = {c.statement_id: c for c in changes if c.statement_id}
    marks = {p.outcome_id: p for p in review.progress.all()} if kind == Kind.OUTCOME else {}
    lines = [
        Line(kind, s, changed.get(s.id), last.get(s.id), area=s.area, progress=marks.get(s.id))
        for s in record.of(kind)
    ]
    lines += [
        Line(kind, change=c)
        for c in changes
        if c.change == DraftChange.Change.ADD and c.values.get("kind") == kind
    ]
    lines.sort(key=lambda line: line.order)
    end = len(lines) - 1
    return [replace(line, first=n == 0, final=n == end) for n, line in enumerate(lines)]
