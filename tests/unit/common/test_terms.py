"""Birthdays, the end of compulsory school age, and when reviews begin to ask who decides."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.terms import (
    academic_year_of,
    asked_who_decides_from,
    birthday,
    comes_of_age,
    decides_from,
    year_group_of,
)

FRIDAY = 4


@pytest.mark.parametrize(
    ("born", "day"),
    [
        (date(2010, 9, 1), date(2027, 6, 25)),  # the eldest of Year 11
        (date(2011, 8, 31), date(2027, 6, 25)),  # the youngest, 16 two months later
        (date(2011, 9, 1), date(2028, 6, 30)),  # 30 June is itself a Friday
        (date(2008, 2, 29), date(2024, 6, 28)),
    ],
)
def test_a_young_person_decides_from_the_last_friday_in_june(born: date, day: date) -> None:
    assert decides_from(born) == day


@given(st.dates(min_value=date(1990, 1, 1), max_value=date(2060, 12, 31)))
def test_that_day_is_always_a_friday_at_the_end_of_year_11(born: date) -> None:
    day = decides_from(born)
    assert (day.weekday(), day.month) == (FRIDAY, 6)
    assert day.day >= 24
    assert year_group_of(born, day) == 11
    assert academic_year_of(birthday(born, 16)) == academic_year_of(day)
    assert year_group_of(born, asked_who_decides_from(born)) == 10
    assert day < comes_of_age(born)


def test_somebody_born_on_29_february_comes_of_age_on_1_march() -> None:
    assert comes_of_age(date(2008, 2, 29)) == date(2026, 3, 1)
    assert birthday(date(2008, 2, 29), 16) == date(2024, 2, 29)
