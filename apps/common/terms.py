"""Academic years, terms and year groups: pure functions."""

from __future__ import annotations

from datetime import date
from enum import StrEnum


class Term(StrEnum):
    """The three terms of an academic year, in order."""

    AUTUMN = "autumn"
    SPRING = "spring"
    SUMMER = "summer"


FIRST_MONTH = 9


def academic_year_of(day: date) -> int:
    """The academic year of a day, as the calendar year it starts in: 1 September to 31 August."""
    return day.year if day.month >= FIRST_MONTH else day.year - 1


def academic_year_label(year: int) -> str:
    """2026 → "2026/27"."""
    return f"{year}/{(year + 1) % 100:02d}"


def year_group_of(born: date, day: date) -> int:
    """The age-based year group on a day; Reception is 0, the nursery year before it -1.

    Age on 31 August before the academic year starts, less 4 (standards.md, section 5).
    """
    return academic_year_of(day) - academic_year_of(born) - 5


def year_group_label(year_group: int) -> str:
    """ "Reception", "Year 6", "Nursery 2"; post-16 years go on counting."""
    if year_group == 0:
        return "Reception"
    return f"Year {year_group}" if year_group > 0 else f"Nursery {3 + year_group}"
