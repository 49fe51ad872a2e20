"""National default term dates, worked out by rule, for years in which nobody gave their own."""

from __future__ import annotations

from datetime import date, timedelta

MONDAY = 0
FRIDAY = 4


def weekday_from(day: date, weekday: int) -> date:
    """The first such weekday on or after `day`."""
    return day + timedelta(days=(weekday - day.weekday()) % 7)


def school_day_from(day: date) -> date:
    """The first weekday on or after `day`."""
    return day if day.weekday() <= FRIDAY else weekday_from(day, MONDAY)


def national_default(year: int) -> list[dict[str, object]]:
    """Three terms of the academic year that starts in `year`, as values of TermDate.

    Ends are the day after the last school day. Reviews fall in the five weeks before the last.
    """
    autumn = (
        school_day_from(date(year, 9, 2)),
        weekday_from(date(year, 12, 15), FRIDAY) + timedelta(days=1),
        weekday_from(date(year, 10, 24), MONDAY),
    )
    spring = (
        school_day_from(date(year + 1, 1, 4)),
        weekday_from(date(year + 1, 3, 26), FRIDAY) + timedelta(days=1),
        weekday_from(date(year + 1, 2, 12), MONDAY),
    )
    summer = (
        weekday_from(date(year + 1, 4, 12), MONDAY),
        weekday_from(date(year + 1, 7, 18), FRIDAY) + timedelta(days=1),
        weekday_from(date(year + 1, 5, 25), MONDAY),
    )
    return [
        {
            "year": year,
            "term": name,
            "starts_on": starts,
            "ends_on": ends,
            "half_term_starts_on": half,
            "half_term_ends_on": half + timedelta(days=5),
            "reviews_start_on": ends - timedelta(days=42),
            "reviews_end_on": ends - timedelta(days=7),
        }
        for name, (starts, ends, half) in zip(
            ("autumn", "spring", "summer"), (autumn, spring, summer), strict=True
        )
    ]
