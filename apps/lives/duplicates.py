"""Which two learners may be one child: a machine proposes, and a person looks (rule 7).

Born on the same day, with the same family name, or one that is nearly the same. The first name
decides: with a different one they may be twins, and twins are never proposed as one child.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from itertools import combinations

from apps.learners.models import Learner
from apps.learners.names import name_key

NEARLY = 0.8


@dataclass(frozen=True)
class Pair:
    """Two learners who may be one, or who are perhaps twins."""

    first: Learner
    second: Learner
    twins: bool


def pairs(learners: Iterable[Learner]) -> list[Pair]:
    """Every pair that a person should look at, by name; those who may be one child first."""
    by_day: dict[date, list[Learner]] = defaultdict(list)
    for learner in learners:
        by_day[learner.date_of_birth].append(learner)
    found = [
        pair
        for same_day in by_day.values()
        for first, second in combinations(same_day, 2)
        if (pair := compare(first, second))
    ]
    return sorted(found, key=lambda pair: (pair.twins, pair.first.name_key))


def compare(first: Learner, second: Learner) -> Pair | None:
    """The pair, where the two may be one child or twins."""
    if first.date_of_birth != second.date_of_birth:
        return None
    turned_round = sorted(first.name_key.split()) == sorted(second.name_key.split())
    if turned_round or (_same_given(first, second) and _near_family(first, second)):
        return Pair(first, second, twins=False)
    if _family(first) & _family(second):
        return Pair(first, second, twins=True)
    return None


def may_be_twins(first: Learner, second: Learner) -> bool:
    """Whether two learners have the same day of birth and first names that are not the same."""
    return first.date_of_birth == second.date_of_birth and not _same_given(first, second)


def _family(learner: Learner) -> set[str]:
    return {name_key(learner.known_family), name_key(learner.legal_family)} - {""}


def _given(learner: Learner) -> set[str]:
    names = (name_key(learner.known_given).split(), name_key(learner.legal_given).split())
    return {words[0] for words in names if words}


def _same_given(first: Learner, second: Learner) -> bool:
    return bool(_given(first) & _given(second))


def _near_family(first: Learner, second: Learner) -> bool:
    return any(
        SequenceMatcher(None, a, b).ratio() >= NEARLY
        for a in _family(first)
        for b in _family(second)
    )
