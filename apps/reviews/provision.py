"""The provision map: the supports in force at a setting, added up one way or another, and the gaps.

Read by whoever reads the setting's register. Governors get `partnerships.provision`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.db.models import F, FilteredRelation, OuterRef, Q, QuerySet, Subquery
from django.db.models.fields.json import KT

from apps.access.grants import Actor
from apps.common import clock
from apps.common.terms import year_group_label
from apps.framework.models import PracticeGuide
from apps.framework.selectors import Grid
from apps.learners.policy import whereabouts_seen_by
from apps.reviews import frequency, policy
from apps.reviews.models import Kind, Progress, SupportCheck
from apps.reviews.registers import current_entries
from apps.settings import calendar

WAYS = ("type", "area", "year", "adult")


@dataclass(frozen=True)
class Who:
    """A learner on the register, as a line names them."""

    id: UUID
    name: str
    year: int
    levels: dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Given:
    """One support in force, and whom it is for.

    `title` is that of the guide which it follows, if any. `check` is a `SupportCheck.Answer`, what
    was said this half term of whether it happens, or nothing; `why` says why it does not.
    """

    who: Who
    text: str
    area: str
    guide: str
    title: str
    adult: str
    details: dict[str, Any]
    check: str
    why: str

    @property
    def check_said(self) -> str:
        """The answer in words."""
        return SupportCheck.Answer(self.check).label if self.check else "Not checked"

    @property
    def keys(self) -> dict[str, str]:
        """By which it is grouped and filtered: digests of words, which may name somebody."""
        return {
            "type": self.guide or _digest(self.text),
            "area": self.area or "none",
            "year": str(self.who.year),
            "adult": _digest(self.adult) if self.adult else "none",
        }


@dataclass(frozen=True)
class Checks:
    """How many supports are said this half term to happen, in part or not, and of how many."""

    as_planned: int
    partly: int
    not_happening: int
    supports: int

    @property
    def said(self) -> int:
        """How many were checked."""
        return self.as_planned + self.partly + self.not_happening

    @property
    def unsaid(self) -> int:
        """How many nobody checked."""
        return self.supports - self.said


@dataclass(frozen=True)
class Line:
    """A group of supports added up. Minutes are a week's, cost a year's."""

    key: str
    label: str
    learners: int
    minutes: int
    adult_minutes: int
    untimed: int
    cost: int | None
    achieved: int
    outcomes: int
    checks: Checks


@dataclass(frozen=True)
class Gap:
    """What somebody may want to look at: a need with no support, a support with no outcome, or one
    that does not happen.
    """

    who: Who
    words: str


@dataclass(frozen=True)
class Provision:
    """Everything that the map is made from: four queries, however many learners there are."""

    grid: Grid
    everyone: list[Who]
    supports: list[Given]
    aims: set[tuple[UUID, str]]  # the outcomes in force: learner and area, '' for no one area
    marks: list[tuple[UUID, str, str]]  # at each learner's last review: learner, area, mark

    def narrowed(self, chosen: dict[str, str]) -> Provision:
        """Only the supports that these keys choose, and the learners of the year that one does."""
        wanted = {way: key for way, key in chosen.items() if way in WAYS and key}
        supports = [s for s in self.supports if wanted.items() <= s.keys.items()]
        year = wanted.get("year")
        everyone = [w for w in self.everyone if year in (None, str(w.year))]
        return replace(self, everyone=everyone, supports=supports)

    def lines(self, way: str) -> list[Line]:
        """The supports added up by type, area, year or adult, the most learners first."""
        groups: dict[str, list[Given]] = {}
        for support in self.supports:
            groups.setdefault(support.keys[way], []).append(support)
        found = [self._line(key, self.label(way, rows[0]), rows) for key, rows in groups.items()]
        if way == "year":
            return sorted(found, key=lambda line: int(line.key))
        if way == "area":
            order = [*(a.code for a in self.grid.areas), "none"]
            return sorted(found, key=lambda line: order.index(line.key))
        return sorted(found, key=lambda line: (-line.learners, line.label.casefold()))

    @property
    def total(self) -> Line:
        """All of it."""
        return self._line("", "All", self.supports)

    def label(self, way: str, support: Given) -> str:
        """A group's name."""
        names = {a.code: a.name for a in self.grid.areas}
        words: dict[str, Callable[[], str]] = {
            "type": lambda: support.title or support.text,
            "area": lambda: names.get(support.area, "For no one area"),
            "year": lambda: year_group_label(support.who.year),
            "adult": lambda: support.adult[:1].upper() + support.adult[1:] or "Nobody named",
        }
        return words[way]()

    def _line(self, key: str, label: str, rows: list[Given]) -> Line:
        weekly = [(frequency.minutes_a_week(s.details), s) for s in rows]
        timed = [(minutes, s) for minutes, s in weekly if minutes]
        costs = [c for s in rows if (c := frequency.cost_a_year(s.details))]
        pairs = {(s.who.id, s.area) for s in rows}
        marks = [mark for learner, area, mark in self.marks if (learner, area) in pairs]
        return Line(
            key=key,
            label=label,
            learners=len({s.who.id for s in rows}),
            minutes=round(sum(minutes for minutes, _ in timed)),
            adult_minutes=round(sum(m / frequency.learners_together(s.details) for m, s in timed)),
            untimed=len(rows) - len(timed),
            cost=round(sum(costs)) if costs else None,
            achieved=marks.count(Progress.Mark.ACHIEVED),
            outcomes=len(marks),
            checks=_checks([s.check for s in rows]),
        )

    def needs_without_support(self, area: str = "") -> list[Gap]:
        """Needs above mild for which no support is, nor may be."""
        helped = {(s.who.id, s.area) for s in self.supports}
        found = []
        for a in self.grid.areas:
            for who in self.everyone if area in ("", a.code) else ():
                level = who.levels.get(a.code, {})
                above = int(level.get("rank", 0)) > self.grid.version.register_rank
                if above and not {(who.id, a.code), (who.id, "")} & helped:
                    name = self.grid.level(level["level"]).name.lower()
                    found.append(Gap(who, f"{a.name}: {name}, and no support"))
        return found

    def supports_without_outcome(self) -> list[Gap]:
        """Supports with no outcome in force for the same area, nor for no one area."""
        return [
            Gap(s.who, s.text)
            for s in self.supports
            if not {(s.who.id, s.area), (s.who.id, "")} & self.aims
        ]

    def not_happening(self) -> list[Gap]:
        """Supports said this half term not to happen at all, and why."""
        return [
            Gap(s.who, f"{s.text.rstrip('.')}: {s.why}")
            for s in self.supports
            if s.check == SupportCheck.Answer.NOT
        ]


def of_setting(actor: Actor, setting_id: UUID, grid: Grid) -> Provision:
    """The supports in force of everyone on the setting's register whose record it keeps."""
    policy.check_can_see_provision(actor, setting_id)
    entries = list(_entries(actor, setting_id))
    half = calendar.half_term_on(clock.today(), entries[0].setting if entries else None)
    everyone = {e.learner_id: Who(e.learner_id, str(e.learner), e.year, e.levels) for e in entries}
    keys = list(everyone)
    supports, aims = [], set()
    for kind, learner, area, *said in _statements(actor, keys, half):
        if kind == Kind.OUTCOME:
            aims.add((learner, area or ""))
        else:
            supports.append(_given(everyone[learner], area or "", *said))
    last = Q(review__number=F("review__record__last_number"))
    marks = Progress.objects.filter(
        last, whereabouts_seen_by(actor, "learner_id"), learner_id__in=keys
    ).exclude(mark=Progress.Mark.NOT_KNOWN)
    return Provision(
        grid=grid,
        everyone=list(everyone.values()),
        supports=supports,
        aims=aims,
        marks=[(w, a or "", m) for w, a, m in _marks(marks)],
    )


def _statements(
    actor: Actor, keys: list[UUID], half: calendar.HalfTerm
) -> Iterable[tuple[Any, ...]]:
    """Supports and outcomes in force, with the guide's title and what was said in this half term.

    Whoever reads a statement as staff reads its checks (`policy.checks_visible`).
    """
    now = Q(**{f"checks__{name}": value for name, value in half.key.items()})
    followed = PracticeGuide.objects.filter(code=OuterRef("guide"))
    return (
        policy.statements_visible(actor, family=False)
        .filter(learner_id__in=keys, withdrawn_no=None, kind__in=[Kind.SUPPORT, Kind.OUTCOME])
        .annotate(
            guide=KT("details__guide"),
            title=Subquery(followed.values("title")),
            now=FilteredRelation("checks", condition=now),
        )
        .order_by("learner__name_key", "order", "id")
        .values_list(
            *("kind", "learner_id", "area__code", "text", "details", "title"),
            *("now__answer", "now__why"),
        )
    )


def _marks(rows: QuerySet[Progress]) -> Iterable[tuple[UUID, str | None, str]]:
    return rows.values_list("learner_id", "outcome__area__code", "mark")


def _entries(actor: Actor, setting_id: UUID) -> QuerySet[Any]:
    today = clock.today()
    rows = current_entries(actor, setting_id).filter(
        Q(learner__enrolments__ends_on=None) | Q(learner__enrolments__ends_on__gt=today),
        also_here=False,
        learner__enrolments__setting_id=setting_id,
        learner__enrolments__starts_on__lte=today,
    )
    rows = rows.select_related("learner", "setting")
    rows = rows.annotate(year=F("learner__enrolments__year_group"))
    return rows.order_by("learner__name_key", "id")


def _given(
    who: Who,
    area: str,
    text: str,
    details: dict[str, Any],
    title: str | None,
    *check: str | None,
) -> Given:
    guide, adult = (str(details.get(part) or "").strip() for part in ("guide", "by_whom"))
    said, why = (part or "" for part in check)
    return Given(who, text, area, guide, title or "", adult, details, said, why)


def _checks(said: list[str]) -> Checks:
    answers = SupportCheck.Answer
    return Checks(
        as_planned=said.count(answers.AS_PLANNED),
        partly=said.count(answers.PARTLY),
        not_happening=said.count(answers.NOT),
        supports=len(said),
    )


def _digest(words: str) -> str:
    """A key for an address, of words that differ only in capitals, spaces and a last full stop."""
    plain = " ".join(words.casefold().split()).rstrip(".")
    return sha256(plain.encode()).hexdigest()[:12]
