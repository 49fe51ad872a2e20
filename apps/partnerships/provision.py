"""The provision map for governors: figures without a name, small numbers hidden.

Which are hidden is decided where every figure's are (`migrations/0001_figures.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import islice

from django.db import connection

from apps.reviews.provision import Given, Line, Provision

FEW = 5
COLUMNS = 6


@dataclass(frozen=True)
class Happening:
    """How many supports are said this half term to happen as planned, or not, or not checked.

    Partly and not at all are one number: either by itself is often a small one.
    """

    as_planned: int
    otherwise: int
    unsaid: int


@dataclass(frozen=True)
class Shown:
    """A line as governors see it; None is hidden, and outcomes and checks each by themselves."""

    label: str
    learners: int | None
    minutes: int | None
    adult_minutes: int | None
    cost: int | None
    outcomes: tuple[int, int] | None
    checks: Happening | None


@dataclass(frozen=True)
class Figures:
    """Everything together, and each way of adding up by its name."""

    whole: Shown
    tables: dict[str, list[Shown]]


def for_governors(found: Provision) -> Figures:
    """By kind of support, by area of need and by year group: never by adult, who has a name.

    A kind is a guide of the national toolkit: words that a setting writes itself may name somebody.
    One query.
    """
    kinds = replace(found, supports=[_without_words(s) for s in found.supports])
    ways = {
        "Kind of support": kinds.lines("type"),
        "Area of need": found.lines("area"),
        "Year group": found.lines("year"),
    }
    (whole,), *tables = _shown([found.total], *ways.values())
    return Figures(whole, dict(zip(ways, tables, strict=True)))


def _without_words(support: Given) -> Given:
    return replace(support, text="In the setting's own words", adult="")


def _shown(*tables: list[Line]) -> list[list[Shown]]:
    """The lines of each table, with what would give a small number away hidden: one query."""
    cells = [column for lines in tables for column in _columns(lines)]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(['partnerships_hidden(%s)'] * len(cells))}", cells)
        hidden = iter(cursor.fetchone())
    return [
        [
            _line(line, hidden=learners, outcomes=any(rest[:2]), checks=any(rest[2:]))
            for line, learners, *rest in zip(lines, *islice(hidden, COLUMNS), strict=True)
        ]
        for lines in tables
    ]


def _columns(lines: list[Line]) -> list[list[int]]:
    """The counts that may be small: learners, outcomes achieved or not, supports as checked."""
    return [
        [line.learners for line in lines],
        [line.achieved for line in lines],
        [line.outcomes - line.achieved for line in lines],
        [_happening(line).as_planned for line in lines],
        [_happening(line).otherwise for line in lines],
        [_happening(line).unsaid for line in lines],
    ]


def _happening(line: Line) -> Happening:
    said = line.checks
    return Happening(said.as_planned, said.partly + said.not_happening, said.unsaid)


def _line(line: Line, *, hidden: bool, outcomes: bool, checks: bool) -> Shown:
    """As governors see it: `outcomes` and `checks` say whether theirs would tell of somebody."""
    if hidden or line.learners < FEW:
        return Shown(line.label, None, None, None, None, None, None)
    return Shown(
        line.label,
        line.learners,
        line.minutes,
        line.adult_minutes,
        line.cost,
        None if outcomes or line.outcomes < FEW else (line.achieved, line.outcomes),
        None if checks else _happening(line),
    )
