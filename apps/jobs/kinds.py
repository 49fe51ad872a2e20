"""The kinds of long work. An app above says what each does; nothing here knows which there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.access.grants import Actor
from apps.settings.models import Setting


@dataclass(frozen=True)
class Kind:
    """What one kind of long work does, and how it is said.

    `part` does it for some learners of a setting, as whoever asked, given the job's `values`; it
    asks its policy, may be called again for the same learners, and returns how many things came of
    it. `said` gives the sentence at the end for what came, and for how many learners.
    """

    code: str
    doing: str
    part: Callable[[Actor, Setting, list[UUID], dict[str, Any]], int]
    said: Callable[[int, int], str]
    leads_to: str


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known; for the `ready` of the app whose kind it is."""
    _kinds[kind.code] = kind


def named(code: str) -> Kind:
    """The kind of this code."""
    return _kinds[code]
