"""How often a support is given, as people write it."""

from __future__ import annotations

import pytest

from apps.reviews.frequency import cost_a_year, learners_together, minutes_a_week, sessions_a_week


@pytest.mark.parametrize(
    ("words", "times"),
    [
        ("daily", 5),
        ("Every morning", 5),
        ("twice a day", 10),
        ("weekly", 1),
        ("once a week", 1),
        ("3 times a week", 3),
        ("5 times per week", 5),
        ("3x weekly", 3),
        ("20 minutes, four or five times a week", 5),
        ("10 minutes a day", 5),
        ("every two weeks", 0.5),
        ("every other week", 0.5),
        ("fortnightly", 0.5),
        ("each half term", 1 / 6),
        ("half-termly", 1 / 6),
        ("as needed", None),
        ("through the day", None),
        ("", None),
    ],
)
def test_how_often_is_read_from_words(words: str, times: float | None) -> None:
    found = sessions_a_week({"how_often": words})
    assert found == (pytest.approx(times) if times else None)


def test_a_number_that_was_given_comes_before_words() -> None:
    assert sessions_a_week({"sessions_a_week": 4, "how_often": "weekly"}) == 4


def test_minutes_a_week_need_both_numbers() -> None:
    assert minutes_a_week({"how_often": "3 times a week", "minutes": "25"}) == 75
    assert minutes_a_week({"how_often": "daily"}) is None
    assert minutes_a_week({"minutes": 20}) is None


@pytest.mark.parametrize("odd", [None, "", "many", -3, 0, "nan", "inf", [], {}])
def test_what_is_no_number_counts_as_not_said(odd: object) -> None:
    details = {"minutes": odd, "group_size": odd, "cost": odd, "how_often": "daily"}
    assert minutes_a_week(details) is None
    assert cost_a_year(details) is None
    assert learners_together(details) == 1
