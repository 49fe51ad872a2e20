"""Help before sign-off: plain rules about what a record will say, each a sentence and its place.

They look at words and numbers of the record and never at people. None stops a sign-off; each can be
set aside with a reason, for that review (`actions.setting_aside`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from uuid import UUID

from apps.reviews.models import Kind, Review, SetAside, Statement

Rule = SetAside.Rule

UNCHANGED_TERMS = 3
STEPS = 2
# The reviews at which a whole record is looked at.
WHOLE = {Review.Kind.FIRST, Review.Kind.TERMLY}


@dataclass(frozen=True)
class Looked:
    """What the rules look at.

    `statements` stand from sign-off on, with what each replaces; `earlier` are needs that no longer
    stand; `reviews` are those signed off; `above` is the first rank past the register's threshold.
    """

    statements: list[Statement]
    earlier: list[Statement]
    reviews: list[Review]
    above: int

    def of(self, kind: str) -> list[Statement]:
        """The statements of one kind."""
        return [s for s in self.statements if s.kind == kind]

    def needs(self, rank: int) -> list[Statement]:
        """The needs at this rank or above."""
        return [s for s in self.of(Kind.NEED) if s.level and s.level.rank >= rank]


@dataclass(frozen=True)
class Point:
    """One sentence for whoever signs off, about one statement; with why, once it is set aside."""

    rule: SetAside.Rule
    subject: Statement
    sentence: str
    aside: SetAside | None = None

    @property
    def key(self) -> tuple[str, UUID]:
        """By which a point is set aside."""
        return (self.rule.value, self.subject.id)


def points(looked: Looked, aside: Iterable[SetAside] = ()) -> list[Point]:
    """Every point that a rule finds, in the order of the rules and of the record."""
    why = {(row.rule, row.subject_id): row for row in aside}
    found = (
        Point(rule, subject, sentence)
        for rule, look in RULES.items()
        for subject, sentence in look(looked)
    )
    return [replace(point, aside=why.get(point.key)) for point in found]


Found = Iterator[tuple[Statement, str]]


def _outcomes(looked: Looked) -> Found:
    """An outcome nobody could tell was met: nothing to measure it by, or no day."""
    for outcome in looked.of(Kind.OUTCOME):
        parts = {"target": "what will be seen when it is met", "by_when": "by when"}
        missing = [words for part, words in parts.items() if not _said(outcome, part)]
        if missing:
            yield outcome, f"This outcome does not say {' or '.join(missing)}: “{_short(outcome)}”."


def _frequency(looked: Looked) -> Found:
    """A support with neither how often nor how long."""
    for support in looked.of(Kind.SUPPORT):
        if not any(_said(support, p) for p in ("how_often", "minutes", "sessions_a_week")):
            yield support, f"This support does not say how often or how long: “{_short(support)}”."


def _evidence(looked: Looked) -> Found:
    """A need above universal that rests on what it rested on three terms ago."""
    for need in looked.needs(1):
        terms = _terms_with_same_evidence(need, looked)
        if terms >= UNCHANGED_TERMS:
            yield (
                need,
                f"What was seen for {_area(need)} is the same as at {terms} termly reviews: "
                "has anything been seen since?",
            )


def _jump(looked: Looked) -> Found:
    """A level that moves two steps or more and rests on nothing new."""
    for need in looked.of(Kind.NEED):
        before = need.replaces
        if not (before and before.level and need.level and _is_new(need, looked)):
            continue
        steps = abs(need.level.rank - before.level.rank)
        if steps >= STEPS and not _evidence_of(need) - _evidence_of(before):
            yield (
                need,
                f"{_area(need, first=True)} moves {steps} steps, from {before.level.name.lower()} "
                f"to {need.level.name.lower()}, with nothing new that was seen.",
            )


def _no_support(looked: Looked) -> Found:
    """A need above mild, and no support that is for it, or that may be for it."""
    helped = {s.area.code if s.area else "" for s in looked.of(Kind.SUPPORT)}
    for need in looked.needs(looked.above):
        if need.area and need.level and need.area.code not in helped and "" not in helped:
            yield (
                need,
                f"{_area(need, first=True)} is {need.level.name.lower()}, and no support in this "
                "record is for it.",
            )


RULES: dict[SetAside.Rule, Callable[[Looked], Found]] = {
    Rule.JUMP: _jump,
    Rule.NO_SUPPORT: _no_support,
    Rule.FREQUENCY: _frequency,
    Rule.OUTCOME: _outcomes,
    Rule.EVIDENCE: _evidence,
}


def _terms_with_same_evidence(need: Statement, looked: Looked) -> int:
    """How many terms were reviewed whole while this need, or one before it, rested on the same."""
    same = _evidence_of(need)
    since = need.introduced_no
    before = [s for s in (*looked.earlier, *_replaced(need)) if _area_id(s) == _area_id(need)]
    for earlier in sorted(before, key=lambda s: -s.introduced_no):
        if _evidence_of(earlier) != same:
            break
        since = min(since, earlier.introduced_no)
    whole = [r for r in looked.reviews if r.kind in WHOLE and r.number and r.number >= since]
    return len({(r.year, r.term) for r in whole})


def _replaced(need: Statement) -> list[Statement]:
    """What a draft replaces, which still stands."""
    return [need.replaces] if need.replaces and need.replaces.withdrawn_no is None else []


def _is_new(need: Statement, looked: Looked) -> bool:
    """Whether sign-off brings this statement."""
    return need.introduced_no > max((r.number or 0 for r in looked.reviews), default=0)


def _evidence_of(need: Statement) -> set[str]:
    """What was seen, by its words: the day on which it was written down again is nothing new."""
    rows = need.details.get("evidence") or []
    return {" ".join(str(row.get("what", "")).casefold().split()) for row in rows} - {""}


def _said(statement: Statement, part: str) -> bool:
    return bool(str(statement.details.get(part) or "").strip())


def _area_id(need: Statement) -> str:
    return need.area.code if need.area else ""


def _area(need: Statement, *, first: bool = False) -> str:
    name = need.area.short_name if need.area else ""
    return name if first else name[:1].lower() + name[1:]


def _short(statement: Statement, most: int = 70) -> str:
    text = " ".join(statement.text.split())
    return text.rstrip(".") if len(text) <= most else f"{text[:most].rsplit(' ', 1)[0]} …"
