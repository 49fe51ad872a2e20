"""What became of each statement between two moments of a record: pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any
from uuid import UUID

from apps.reviews.models import Kind, Statement, as_read

_WORDS = re.compile(r"\s+|[\w’'-]+|[^\w\s]")


@dataclass(frozen=True)
class Change:
    """One thing that the record said before, says after, or both."""

    before: Statement | None
    after: Statement | None

    @property
    def said(self) -> Statement:
        """What is there to show: as it is after, else as it was."""
        found = self.after or self.before
        assert found
        return found

    @property
    def what(self) -> str:
        """The same, new, ended or changed."""
        if self.before is None:
            return "new"
        if self.after is None:
            return "ended"
        return "same" if self.before.id == self.after.id else "changed"


def paired(
    before: Iterable[Statement], after: Iterable[Statement], between: Iterable[Statement] = ()
) -> list[Change]:
    """Each statement beside what became of it, in the order in which a record is read.

    A need belongs to its area; of the rest each names the one that it replaced, through `between`
    where that came and went meanwhile.
    """
    was, now = list(before), list(after)
    left = {s.id: s for s in was}
    replaced = {s.id: s.replaces_id for s in (*between, *now)}
    by_area = {s.area.code: s for s in was if s.kind == Kind.NEED and s.area}
    pairs = {}
    for s in now:
        earlier = by_area.get(s.area.code) if s.kind == Kind.NEED and s.area else None
        earlier = earlier or _first(s.id, replaced, left)
        pairs[s.id] = Change(earlier and left.pop(earlier.id, None), s)
    pairs.update({s.id: Change(s, None) for s in left.values()})
    return [pairs[s.id] for s in as_read(pair.said for pair in pairs.values())]


def _first(
    key: UUID, replaced: dict[UUID, UUID | None], before: dict[UUID, Statement]
) -> Statement | None:
    """The statement of before that this one is, or goes back to."""
    step: UUID | None = key
    while step is not None and step not in before:
        step = replaced.get(step)
    return before[step] if step else None


def details_in_words(s: Statement) -> str:
    """What a statement says besides its text, as one line of words."""
    said: dict[str, Any] = {k: str(v).strip() for k, v in s.details.items() if v}
    if s.kind == Kind.SUPPORT:
        together = said.get("group_size", "")
        parts = [
            said.get("how_often", ""),
            f"{said['minutes']} minutes" if "minutes" in said else "",
            "one to one" if together == "1" else f"{together} together" if together else "",
            f"by {said['by_whom']}" if "by_whom" in said else "",
        ]
        return ", ".join(part for part in parts if part)
    if s.kind == Kind.OUTCOME:
        labels = {"baseline": "Now", "target": "Aim", "by_when": "By when"}
        return ". ".join(f"{label}: {said[k]}" for k, label in labels.items() if k in said)
    if s.kind == Kind.NEED:
        rows = s.details.get("evidence") or []
        return "\n".join(
            "Seen" + (f" ({row['where']})" if row.get("where") else "") + f": {row.get('what', '')}"
            for row in rows
        )
    return ""


@dataclass(frozen=True)
class Piece:
    """Some words in a row, and whether they are marked: there on this side alone."""

    words: str
    marked: bool


def marked(before: str, after: str) -> tuple[list[Piece], list[Piece]]:
    """Two texts, each with the words marked that the other has not: whole words, never letters."""
    was, now = _WORDS.findall(before), _WORDS.findall(after)
    left, right = [], []
    matcher = SequenceMatcher(a=was, b=now, autojunk=False)
    for tag, a0, a1, b0, b1 in matcher.get_opcodes():
        left.append(Piece("".join(was[a0:a1]), tag != "equal"))
        right.append(Piece("".join(now[b0:b1]), tag != "equal"))
    return _joined(left), _joined(right)


def _joined(pieces: list[Piece]) -> list[Piece]:
    """Without empty pieces, and neighbours as one; a space does not part two marked ones."""
    found: list[Piece] = []
    for piece in (p for p in pieces if p.words):
        match [*found[-2:], piece]:
            case [Piece(marked=True), Piece(words=gap), Piece(marked=True)] if not gap.strip():
                found[-1] = Piece(gap, marked=True)
        found.append(piece)
        while len(found) > 1 and found[-2].marked == found[-1].marked:
            last, before = found.pop(), found.pop()
            found.append(Piece(before.words + last.words, last.marked))
    return found
