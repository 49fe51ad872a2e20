"""What the made-up records say, drawn from `data/phrases.yaml`.

A profile is a coherent picture of a need in one area; a record is drawn from one of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import yaml

_DATA = yaml.safe_load((Path(__file__).parent / "data" / "phrases.yaml").read_text("utf-8"))


@dataclass(frozen=True)
class Profile:
    """A coherent picture of a need, from which records are drawn; `{n}` stands for the name."""

    area: str
    census: str
    needs: list[str]
    seen: list[str]
    strengths: list[str]
    harder: list[str]
    supports: list[dict[str, Any]]  # what, how_often, minutes, group_size, by_whom
    adaptations: list[str]
    outcomes: list[dict[str, str]]  # aim, baseline, target
    family: list[str]


PROFILES = [Profile(**values) for values in _DATA["profiles"]]
CONTRIBUTIONS_OF_STAFF: list[str] = _DATA["of_staff"]
OWN_WORDS: list[str] = _DATA["own_words"]
HOPES: list[str] = _DATA["hopes"]
PROGRESS: dict[str, list[str]] = _DATA["progress"]
WHERE: list[str] = _DATA["where"]
BY: list[str] = _DATA["by"]


def of_census(rng: Random, code: str) -> Profile:
    """A profile for a census need code."""
    return rng.choice([p for p in PROFILES if p.census == code])


def draw(rng: Random, profile: Profile, name: str, amount: int) -> dict[str, Any]:
    """What one learner's record says, from a profile; `amount` grows with the level of need."""

    def some(lines: list[Any], how_many: int) -> list[Any]:
        return rng.sample(lines, min(how_many, len(lines)))

    def named(line: str) -> str:
        return line.replace("{n}", name)

    return {
        "need": named(rng.choice(profile.needs)),
        "evidence": [named(line) for line in some(profile.seen, min(amount, 3))],
        "strengths": [named(line) for line in some(profile.strengths, 2)],
        "harder": [named(line) for line in some(profile.harder, min(amount, 2))],
        "supports": some(profile.supports, min(amount, 3)),
        "adaptations": [named(line) for line in some(profile.adaptations, min(amount + 1, 4))],
        "outcomes": some(profile.outcomes, min(amount, 2)),
        "family": named(rng.choice(profile.family)),
        "hope": rng.choice(HOPES),
    }
