"""How often a support is given, read from the words in which people say it: pure functions."""

from __future__ import annotations

import re
from typing import Any

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: n for n, word in enumerate(_WORDS, 1)} | {
    "once": 1,
    "twice": 2,
    "other": 2,
    "second": 2,
}
_WEEKS = {"day": 0.2, "week": 1, "fortnight": 2, "month": 4, "half term": 6, "term": 12}
_ADVERBS = {
    "daily": "day",
    "weekly": "week",
    "fortnightly": "fortnight",
    "monthly": "month",
    "half termly": "half term",
    "termly": "term",
}
_N = rf"(?P<n>\d{{1,2}}|{'|'.join(_NUMBERS)})"
_PER = r"(?P<per>half term|day|week|fortnight|month|term)"
# The first that fits counts: "3 times a week", "3 x weekly", "every two weeks", "each morning".
_SAID = [
    re.compile(rf"\b{_N} ?(?:x|times?|sessions?|lessons?)? (?:a|per|each|every) {_PER}\b"),
    re.compile(rf"\b{_N} ?(?:x|times?|sessions?)? (?P<adverb>{'|'.join(_ADVERBS)})\b"),
    re.compile(rf"\bevery (?P<nth>\d|{'|'.join(_NUMBERS)}) {_PER}s?\b"),
    re.compile(rf"\b(?P<adverb>half termly|{'|'.join(_ADVERBS)})\b"),
    re.compile(rf"\b(?:every|each|minutes an?|minutes per) {_PER}\b"),
    re.compile(r"\b(?:every|each) (?P<part>morning|afternoon|lunchtime|break)\b"),
]


def sessions_a_week(details: dict[str, Any]) -> float | None:
    """How many times a week, or None where nobody said it in a way that can be counted."""
    counted = _number(details.get("sessions_a_week"))
    if counted:
        return counted
    words = re.sub(r"[^\w]+", " ", str(details.get("how_often") or "").casefold()).strip()
    for pattern in _SAID:
        if found := pattern.search(words):
            return _sessions(found.groupdict())
    return None


def minutes_a_week(details: dict[str, Any]) -> float | None:
    """Times a week by minutes each time, where both are known."""
    sessions, minutes = sessions_a_week(details), _number(details.get("minutes"))
    return sessions * minutes if sessions and minutes else None


def learners_together(details: dict[str, Any]) -> float:
    """How many share the adult's time; one where nobody said."""
    return _number(details.get("group_size")) or 1


def cost_a_year(details: dict[str, Any]) -> float | None:
    """What it costs, in pounds a year, where that was given."""
    return _number(details.get("cost"))


def _sessions(found: dict[str, str]) -> float:
    period = found.get("per") or _ADVERBS.get(found.get("adverb") or "", "day")
    times = _count(found["n"]) if found.get("n") else 1
    every = _count(found["nth"]) if found.get("nth") else 1
    return times / (_WEEKS[period] * every)


def _count(word: str) -> int:
    return _NUMBERS.get(word) or int(word)


def _number(value: object) -> float | None:
    """A number that is more than nothing, however it was kept."""
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if 0 < number < float("inf") else None
