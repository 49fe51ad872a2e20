"""Statements as a record has them, made in memory."""

from __future__ import annotations

from typing import Any

from apps.common.models import new_id
from apps.framework.models import Area, Level
from apps.reviews.models import LearnerRecord, Review, Statement

AREAS = {
    code: Area(id=new_id(), code=code, name=code, short_name=short, family_name=family)
    for code, short, family in [
        ("talking", "Communication", "Talking, understanding and being with others"),
        ("learning", "Learning", "Learning, remembering and working things out"),
    ]
}
LEVELS = [
    Level(id=new_id(), code=name.lower(), name=name, rank=rank)
    for rank, name in enumerate(["Universal", "Mild", "Moderate", "Intensive", "Profound"])
]
RECORD = LearnerRecord(id=new_id())


def said(
    kind: str, text: str = "Words.", *, area: str = "", no: int = 1, **values: Any
) -> Statement:
    """A statement of a record; `details` by name, and what it `replaces`."""
    return Statement(
        id=new_id(),
        record=RECORD,
        kind=kind,
        text=text,
        area=AREAS[area] if area else None,
        introduced_no=no,
        **values,
    )


def need(rank: int, *seen: str, area: str = "talking", no: int = 1, **values: Any) -> Statement:
    """A need at a level, resting on what was seen."""
    values.setdefault(
        "details", {"evidence": [{"what": what, "when": "2026-01-01"} for what in seen]}
    )
    return said("need", area=area, no=no, level=LEVELS[rank], **values)


def signed(number: int, term: str, year: int = 2025, kind: str = "termly") -> Review:
    """A review that was signed off."""
    return Review(kind=kind, number=number, year=year, term=term, state="signed off")
