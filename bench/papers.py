"""Profiles a second of one core: what a class or a setting prints (P15)."""

from __future__ import annotations

import time
from statistics import median
from typing import Any

from apps.common import clock
from apps.formats import pdf

TIMES = 40
WORDS = (
    "Joins in when told what comes next, and stays longer with somebody whom she knows beside her."
)


def person(number: int) -> dict[str, Any]:
    """A learner with as much written as a full record has."""
    rows = [{"text": WORDS, "more": "three times a week, 20 minutes", "staff": False}] * 3
    parts = ("Who I am", "What I can do", "What helps", "What makes it harder", "My outcomes")
    return {
        "first": "Robin",
        "rest": f"Exampleson {number}",
        "family_first": False,
        "about": ["Year 4, 4 Oak, Ash Vale Primary School", "As signed off on 14 March 2027"],
        "sections": [{"title": title, "rows": rows} for title in parts],
    }


def per_second() -> list[float]:
    """How many profiles a second, one PDF each, in so many rounds: all different."""
    found = []
    for turn in range(5):
        people = [person(turn * TIMES + n) for n in range(TIMES)]
        started = time.process_time()
        for one in people:
            _make([one])
        found.append(TIMES / (time.process_time() - started))
    return found


def register() -> float:
    """Seconds of a core for the profiles of 230 learners as one PDF."""
    people = [person(-n) for n in range(230)]
    started = time.process_time()
    _make(people)
    return time.process_time() - started


def _make(people: list[dict[str, Any]]) -> bytes:
    values = {"title": "Profiles", "foot": "For staff.", "people": people}
    return pdf.make("profiles", values, made_at=clock.now())


def line() -> tuple[str, float]:
    """The table's line, and the figure."""
    rounds = per_second()
    each = median(rounds)
    met = "yes" if each >= 20 else "NO"
    return (
        f"P15 profiles (PDF) per second of a core{each:>16.0f}  >= 20   {met:<5}"
        f"({min(rounds):.0f} to {max(rounds):.0f}); 230 as one PDF in {register():.1f} s",
        each,
    )
