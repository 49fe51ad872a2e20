"""Figures of a setting, a trust, a local area or the country: numbers, and no learner.

The database counts and hides (`migrations/0001_figures.py`): for whoever may not open the learners
behind them no number under five leaves it, nor one that would give such a number away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from apps.access.asking import asked
from apps.access.grants import THE_COUNTRY, Actor
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.framework.selectors import Grid
from apps.settings import calendar
from apps.settings.calendar import CalendarTerm
from apps.settings.models import Setting


@dataclass
class Counts:
    """On the register, reviewed this term, not yet; None where a number is hidden."""

    name: str
    on_register: int | None = None
    reviewed: int | None = None
    waiting: int | None = None


@dataclass
class Figures:
    """What a place's figures page shows. `levels` is by area and level; '' is not described yet."""

    place: UUID
    name: str
    term: CalendarTerm
    whole: Counts
    levels: dict[tuple[str, str], int | None] = field(default_factory=dict)
    parts: list[Counts] = field(default_factory=list)

    @property
    def hides(self) -> bool:
        """Whether any number is hidden."""
        counts = [n for c in (self.whole, *self.parts) for n in (c.on_register, c.reviewed)]
        return None in [*self.levels.values(), *counts]

    def grid(self, grid: Grid) -> list[dict[str, Any]]:
        """The counts in the shape of the count grid, with those not described yet beside it."""
        return [
            {
                "area": area,
                "cells": [
                    {"level": level, "count": self.levels.get((area.code, level.code), 0)}
                    for level in grid.levels
                ],
                "undescribed": self.levels.get((area.code, ""), 0),
            }
            for area in grid.areas
        ]


def places_of(actor: Actor) -> dict[UUID, str]:
    """Whose figures the actor's roles show, by name."""
    names = {p.organisation_id: p.organisation_name for p in actor.places}
    return {key: "England" if key == THE_COUNTRY else names[key] for key in actor.seeing_figures()}


def of_place(actor: Actor, place: UUID) -> Figures:
    """The figures of one of the actor's places: one query beside the term's; raises NotVisible."""
    asked()
    if place not in actor.seeing_figures():
        raise NotVisible
    term = calendar.term_on(clock.today(), Setting.objects.filter(pk=place).first())
    found = Figures(place, places_of(actor)[place], term, Counts(""))
    parts: dict[UUID, Counts] = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM partnerships_figures(%s, %s, %s)", [place, *term.key])
        for measure, part, name, area, level, n in cursor.fetchall():
            if measure == "level":
                found.levels[area, level] = n
                continue
            shown = "Held by the local area itself" if part == place else name
            counts = parts.setdefault(part, Counts(shown)) if part else found.whole
            setattr(counts, _MEASURES[measure], n)
    found.parts = sorted(parts.values(), key=lambda counts: counts.name)
    return found


_MEASURES = {"on the register": "on_register", "reviewed": "reviewed", "waiting": "waiting"}
