"""Academic years, terms and year groups: pure functions."""

from __future__ import annotations

from datetime import date, timedelta
from enum import StrEnum


class Term(StrEnum):
    """The three terms of an academic year, in order."""

    AUTUMN = "autumn"
    SPRING = "spring"
    SUMMER = "summer"


FIRST_MONTH = 9
FRIDAY = 4
DECIDES_AT = 16
ADULT_AT = 18


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


def birthday(born: date, age: int) -> date:
    """The day on which somebody reaches an age; born on 29 February, 1 March in other years."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def decides_from(born: date) -> date:
    """The day from which a young person decides for themself: the end of compulsory school age.

    The last Friday in June of the academic year in which they turn 16 (Education Act 1996,
    section 8, and the School Leaving Date Order 1997; Children and Families Act 2014, section 83).
    """
    last_of_june = date(academic_year_of(birthday(born, DECIDES_AT)) + 1, 6, 30)
    return last_of_june - timedelta(days=(last_of_june.weekday() - FRIDAY) % 7)


def comes_of_age(born: date) -> date:
    """The 18th birthday."""
    return birthday(born, ADULT_AT)


def asked_who_decides_from(born: date) -> date:
    """The first day of Year 10, by age: from then on reviews ask who will decide."""
    return date(decides_from(born).year - 2, FIRST_MONTH, 1)
