"""Former names in words that are carried into a new record: none may stay."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from apps.learners.models import Learner
from apps.learners.names import name_key

SHORTEST = 2


def former_words(learner: Learner, values: dict[str, Any], family: Iterable[str]) -> set[str]:
    """What names the former identity: names and numbers, less those that the child keeps.

    `family` are the names of those who were the child's family: their last names count.
    """
    names = (
        learner.legal_given,
        learner.legal_family,
        learner.known_given,
        learner.known_family,
        *(name.split()[-1] for name in family if name.split()),
    )
    numbers = [n for n in (learner.upn, learner.uln, learner.nhs_number) if n]
    kept = _words(str(v) for v in values.values() if v)
    found = _words([*names, *numbers]) - kept
    return {word for word in found if len(word) >= SHORTEST}


def named_in(value: Any, former: set[str]) -> set[str]:
    """The former words that a value has, however deep."""
    return _words(_texts(value)) & former


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _words(texts: Iterable[str]) -> set[str]:
    """Each word as names are searched: "O'Brien-Núñez" whole and in halves, "Robin's" as Robin."""
    found: set[str] = set()
    for text in texts:
        plain = re.sub(r"[^\w’'-]+", " ", re.sub(r"[’']s\b", "", text))
        found |= {*name_key(plain).split(), *name_key(re.sub(r"[-’']", " ", plain)).split()}
    return found
