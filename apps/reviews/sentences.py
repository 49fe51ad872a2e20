"""What changed, in sentences, for staff, for a family and for the young person: pure functions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apps.reviews.changes import Change, details_in_words
from apps.reviews.models import Kind, Statement

LONGEST = 160


@dataclass(frozen=True)
class Reader:
    """Who is told: staff read a level's name; a family, and the young person as *you*, never do."""

    name: str
    family: bool = False
    own: bool = False

    @property
    def who(self) -> str:
        """The learner, inside a sentence."""
        return "you" if self.own else self.name

    def area(self, need: Statement) -> str:
        """An area of need, inside a sentence."""
        area = need.area
        name = (area.family_name if self.family else area.short_name) if area else ""
        return name[:1].lower() + name[1:]


def changed(
    changes: Iterable[Change],
    reader: Reader,
    *,
    since: str = "last term",
    achieved: Iterable[Statement] = (),
) -> list[str]:
    """A sentence for each change, in the order in which a record is read; none for what stays.

    `since` names the time before; `achieved` are the outcomes said to be met.
    """
    found = []
    for change in changes:
        if change.said.kind == Kind.NEED:
            found.append(_need(change, reader, since))
        elif change.what != "same":
            found.append(_other(change, reader))
    found += [f"Achieved: {_quoted(outcome)}." for outcome in achieved]
    return [sentence[:1].upper() + sentence[1:] for sentence in found if sentence]


def _need(change: Change, reader: Reader, since: str) -> str:
    before, after = change.before, change.after
    if after is None or after.level is None or change.what == "same":
        return ""
    area, now = reader.area(after), after.level
    if before is None or before.level is None:
        if now.rank == 0:
            return ""
        level = "" if reader.family else f": {now.name.lower()}"
        return f"{area} is described for the first time{level}."
    was = before.level
    if now.rank == was.rank:
        return _same_level(before, after, area, reader)
    more = "more" if now.rank > was.rank else "less"
    needs = f"{reader.who} need{'' if reader.own else 's'}" if reader.family else "needs"
    levels = "" if reader.family else f": {now.name.lower()} (was {was.name.lower()})"
    return f"{needs} {more} support than {since} with {area}{levels}."


def _same_level(before: Statement, after: Statement, area: str, reader: Reader) -> str:
    if _all_of(before) == _all_of(after):
        return ""
    level = "" if reader.family or not after.level else f", {after.level.name.lower()}"
    return f"{area} is described anew; the level stays the same{level}."


# Kind → what is said of something new, of something that changed, of something that ended.
_SAID: dict[str, tuple[str, str, str]] = {
    Kind.STRENGTH: (
        "new among what {who} can do",
        "what {who} can do is said anew",
        "no longer said of what {who} can do",
    ),
    Kind.ASPIRATION: ("a new hope", "a hope is said anew", "a hope that is no longer there"),
    Kind.HARDER: (
        "new among what makes it harder",
        "what makes it harder is said anew",
        "no longer makes it harder",
    ),
    Kind.SUPPORT: ("new support", "support has changed", "support has ended"),
    Kind.ADAPTATION: ("a new adaptation", "an adaptation has changed", "an adaptation has ended"),
    Kind.OUTCOME: ("a new outcome", "an outcome has changed", "an outcome has ended"),
}


def _other(change: Change, reader: Reader) -> str:
    before, after = change.before, change.after
    new, anew, ended = (words.format(who=reader.who) for words in _SAID[change.said.kind])
    if before is None:
        return f"{new}: {_quoted(change.said, with_details=True)}."
    if after is None:
        return f"{ended}: {_quoted(before)}."
    if _all_of(before) == _all_of(after):
        return ""
    if before.text == after.text:
        was = details_in_words(before) or "not said"
        return f"{anew}: {_quoted(after)}, now {details_in_words(after) or 'not said'} (was {was})."
    return f"{anew}: {_quoted(after, with_details=True)} (was {_quoted(before)})."


def _all_of(s: Statement) -> tuple[str, str]:
    return s.text, details_in_words(s)


def _quoted(s: Statement, *, with_details: bool = False) -> str:
    text = " ".join(s.text.split()).rstrip(".")
    text = text if len(text) <= LONGEST else f"{text[:LONGEST].rsplit(' ', 1)[0]} …"
    details = details_in_words(s) if with_details and s.kind == Kind.SUPPORT else ""
    return f"“{text}”, {details}" if details else f"“{text}”"
