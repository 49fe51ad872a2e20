"""Academic years, terms and year groups: pure functions."""

from __future__ import annotations

from enum import StrEnum


class Term(StrEnum):
    """The three terms of an academic year, in order."""

    AUTUMN = "autumn"
    SPRING = "spring"
    SUMMER = "summer"
