"""A setting's calendar: the term of a day, when reviews fall due, counting school days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Q
from govuk_bank_holidays.bank_holidays import BankHolidays

from apps.common.exceptions import Invalid
from apps.common.terms import Term
from apps.settings.models import Setting, TermDate

# A term is looked for at most this far back: the summer holiday and a margin.
_LOOK_BACK = timedelta(days=400)
_LOOK_AHEAD = timedelta(days=400)
_SATURDAY = 5


@dataclass(frozen=True)
class CalendarTerm:
    """One term of one setting; every `ends_on` is the first day that no longer belongs."""

    year: int
    term: Term
    starts_on: date
    ends_on: date
    half_term_starts_on: date
    half_term_ends_on: date
    reviews_start_on: date
    reviews_end_on: date

    @property
    def key(self) -> tuple[int, str]:
        """Academic year and term, as models store them."""
        return (self.year, self.term.value)


@dataclass(frozen=True)
class HalfTerm:
    """Half of a term; the week of half term itself belongs to the first half."""

    year: int
    term: Term
    half: int
    starts_on: date
    ends_on: date

    @property
    def key(self) -> dict[str, Any]:
        """Academic year, term and half, as models store them."""
        return {"year": self.year, "term": self.term.value, "half": self.half}


@lru_cache(maxsize=1)
def bank_holidays() -> frozenset[date]:
    """England's bank holidays, from the list that the library ships."""
    known = BankHolidays(use_cached_holidays=True)
    return frozenset(h["date"] for h in known.get_holidays(division="england-and-wales"))


def terms_around(day: date, setting: Setting | None) -> list[CalendarTerm]:
    """The terms near a day, in order, the most particular dates winning: one query.

    Raises Invalid when no term dates are known at all.
    """
    scope = Q(setting=None, group=None, local_area=None)
    if setting:
        scope |= Q(setting=setting) | Q(local_area_id=setting.local_area_id)
        if setting.group_id:
            scope |= Q(group_id=setting.group_id)
    rows = TermDate.objects.filter(
        scope, ends_on__gt=day - _LOOK_BACK, starts_on__lt=day + _LOOK_AHEAD
    )
    best: dict[tuple[int, str], TermDate] = {}
    for row in rows:
        key = (row.year, row.term)
        if key not in best or _particular(row) > _particular(best[key]):
            best[key] = row
    if not best:
        raise Invalid(f"No term dates are known around {day:%-d %B %Y}. Add them first.")
    return [_calendar_term(r) for r in sorted(best.values(), key=lambda r: r.starts_on)]


def _particular(row: TermDate) -> int:
    return 3 if row.setting_id else 2 if row.group_id else 1 if row.local_area_id else 0


def _calendar_term(row: TermDate) -> CalendarTerm:
    return CalendarTerm(
        year=row.year,
        term=Term(row.term),
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        half_term_starts_on=row.half_term_starts_on,
        half_term_ends_on=row.half_term_ends_on,
        reviews_start_on=row.reviews_start_on,
        reviews_end_on=row.reviews_end_on,
    )


def term_on(day: date, setting: Setting | None) -> CalendarTerm:
    """The term that a day belongs to; a holiday belongs to the term before it."""
    terms = terms_around(day, setting)
    begun = [t for t in terms if t.starts_on <= day]
    return begun[-1] if begun else terms[0]


def term_to_open(day: date, setting: Setting | None) -> CalendarTerm:
    """The term of what is opened on a day: in a holiday the coming one, as far as terms are known.

    What is read, counted or signed in a holiday belongs to the term before it (`term_on`).
    """
    terms = terms_around(day, setting)
    return next((t for t in terms if day < t.ends_on), terms[-1])


def half_term_on(day: date, setting: Setting | None) -> HalfTerm:
    """The half term that a day belongs to; a holiday belongs to the half before it."""
    term = term_on(day, setting)
    if day < term.half_term_ends_on:
        return HalfTerm(term.year, term.term, 1, term.starts_on, term.half_term_ends_on)
    return HalfTerm(term.year, term.term, 2, term.half_term_ends_on, term.ends_on)


def after_next_term(day: date, setting: Setting | None) -> date:
    """The first day after the term that follows the one of `day`, as far as terms are known."""
    terms = terms_around(day, setting)
    coming = [t for t in terms if t.starts_on > day]
    return (coming[0] if coming else terms[-1]).ends_on


def coming_review_due_on(
    day: date, setting: Setting | None, year_group: int, *, least: int
) -> date:
    """When a review falls due in the review weeks of this term, or of the next one.

    Of the next one where this term's day is less than `least` days away; `least` days from now
    where no later term is known.
    """
    begun = term_on(day, setting)
    soonest = day + timedelta(days=least)
    days = [
        review_due_on(t, year_group)
        for t in terms_around(day, setting)
        if t.starts_on >= begun.starts_on
    ]
    return next((due for due in days if due >= soonest), soonest)


def is_school_day(day: date, terms: list[CalendarTerm]) -> bool:
    """A weekday of term, outside half term and bank holidays."""
    if day.weekday() >= _SATURDAY or day in bank_holidays():
        return False
    return any(
        t.starts_on <= day < t.ends_on and not t.half_term_starts_on <= day < t.half_term_ends_on
        for t in terms
    )


def after_school_days(start: date, count: int, setting: Setting | None) -> date:
    """The day that is `count` school days after `start`."""
    terms = terms_around(start, setting)
    day = start
    while count > 0:
        day += timedelta(days=1)
        if is_school_day(day, terms):
            count -= 1
        elif day > terms[-1].ends_on:
            return day
    return day


def next_working_day(day: date) -> date:
    """The first weekday after `day` that is no bank holiday."""
    day += timedelta(days=1)
    while day.weekday() >= _SATURDAY or day in bank_holidays():
        day += timedelta(days=1)
    return day


def review_due_on(term: CalendarTerm, year_group: int) -> date:
    """When a termly review falls due: spread over the review weeks by year group.

    The youngest years come first, one weekday after another, so that 230 reviews are not all due
    on the last day (domain.md, Life of a review).
    """
    weeks = max(1, (term.reviews_end_on - term.reviews_start_on).days // 7)
    week = (year_group + 4) % weeks
    friday = term.reviews_start_on + timedelta(days=7 * week)
    friday += timedelta(days=(4 - friday.weekday()) % 7)
    return min(friday, term.reviews_end_on - timedelta(days=1))
