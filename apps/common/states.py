"""The one helper of every life cycle: a life cycle is a dictionary of allowed next states."""

from __future__ import annotations

from collections.abc import Mapping

from apps.common.exceptions import InvalidTransition

Life = Mapping[str, frozenset[str]]


def check_can_become(life: Life, now: str, then: str, sentence: str) -> None:
    """Raise InvalidTransition with `sentence` unless the life cycle lets `now` become `then`."""
    if then not in life[now]:
        raise InvalidTransition(sentence)


def can_become(life: Life, now: str, then: str) -> bool:
    """Whether the life cycle lets `now` become `then`."""
    return then in life[now]
