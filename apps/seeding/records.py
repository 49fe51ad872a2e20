"""Builds one learner's history in memory: the rows that four terms of reviews would have left.

The same pure functions as sign-off make the canonical record and its digest, so that a made-up
record verifies like any other.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from django.utils import timezone

from apps.common.terms import academic_year_of
from apps.framework.selectors import Grid
from apps.learners.models import Learner
from apps.register.models import RegisterEntry
from apps.reviews.actions.signoff import levels_of
from apps.reviews.canonical import canonical, record_as_signed
from apps.reviews.models import (
    Contribution,
    Kind,
    LearnerRecord,
    Progress,
    Review,
    Statement,
    StillTrue,
)
from apps.seeding import phrases
from apps.settings.calendar import CalendarTerm, review_due_on
from apps.settings.models import Setting

SIGNED_THIS_TERM = 0.45


@dataclass
class History:
    """Everything that one learner's time on the register left."""

    record: LearnerRecord
    entry: RegisterEntry
    reviews: list[Review] = field(default_factory=list)
    statements: list[Statement] = field(default_factory=list)
    progress: list[Progress] = field(default_factory=list)
    contributions: list[Contribution] = field(default_factory=list)
    still_true: list[StillTrue] = field(default_factory=list)


@dataclass
class Case:
    """What a history is made from."""

    learner: Learner
    setting: Setting
    year_group: int
    profile: phrases.Profile
    level: str
    began: date
    senco: str


def build(rng: Random, case: Case, grid: Grid, terms: list[CalendarTerm], today: date) -> History:
    """The history of one learner from their entry until today."""
    record = LearnerRecord(learner=case.learner, started_on=case.began)
    entry = RegisterEntry(
        learner=case.learner,
        setting=case.setting,
        framework=grid.version,
        starts_on=case.began,
    )
    history = History(record, entry)
    words = phrases.draw(
        rng, case.profile, case.learner.known_given, max(1, grid.level(case.level).rank)
    )
    first_term = next(t for t in reversed(terms) if t.starts_on <= case.began or t is terms[0])
    _entry(case, history, grid, first_term, words)
    later = [t for t in terms if t.starts_on >= first_term.starts_on]
    for position, term in enumerate(later):
        _term(rng, case, history, grid, term, words, first=position == 0, today=today)
    entry.levels = levels_of([s for s in history.statements if s.withdrawn_no is None])
    entry.highest_rank = max((int(str(v["rank"])) for v in entry.levels.values()), default=0)
    record.last_number = max(r.number or 0 for r in history.reviews)
    _voices(rng, case, history, words)
    return history


def _entry(
    case: Case, history: History, grid: Grid, term: CalendarTerm, words: dict[str, Any]
) -> None:
    review = _review(case, history, grid, term, Review.Kind.ENTRY, case.began)
    need = _need(case, history, grid, case.profile.area, case.level, words, words["evidence"][:1])
    history.statements.append(need)
    _sign(case, history, review, grid, case.began, [])


def _term(
    rng: Random,
    case: Case,
    history: History,
    grid: Grid,
    term: CalendarTerm,
    words: dict[str, Any],
    *,
    first: bool,
    today: date,
) -> None:
    kind = Review.Kind.FIRST if first else Review.Kind.TERMLY
    due = review_due_on(term, case.year_group)
    if first:
        due = max(due, case.began + timedelta(days=42))
    review = _review(case, history, grid, term, kind, due)
    on = due - timedelta(days=rng.randint(1, 12))
    current = term.starts_on <= today < term.ends_on or on >= today
    if current and (on >= today or rng.random() > SIGNED_THIS_TERM):
        review.opened_at = _at(min(term.starts_on + timedelta(days=30), today))
        return
    number = max(r.number or 0 for r in history.reviews) + 1
    outcomes = [s for s in history.statements if s.kind == Kind.OUTCOME and not s.withdrawn_no]
    progress = [_progress(rng, review, s) for s in outcomes]
    changed = first or rng.random() > 0.6
    if first:
        _write_first(rng, case, history, grid, number, words)
    elif changed:
        _change(rng, case, history, grid, number, words)
    review.nothing_changed = not changed
    if review.nothing_changed:
        history.still_true.append(
            StillTrue(review=review, learner=case.learner, said_by=case.senco, said_at=_at(on, 15))
        )
    _sign(case, history, review, grid, on, progress)


def _review(
    case: Case, history: History, grid: Grid, term: CalendarTerm, kind: str, due: date
) -> Review:
    review = Review(
        record=history.record,
        learner=case.learner,
        entry=history.entry,
        setting=case.setting,
        framework=grid.version,
        kind=kind,
        year=term.year,
        term=term.term.value,
        due_on=due,
        opened_at=_at(max(case.began, term.starts_on)),
    )
    history.reviews.append(review)
    return review


def _need(
    case: Case,
    history: History,
    grid: Grid,
    area: str,
    level: str,
    words: dict[str, Any],
    seen: list[str],
) -> Statement:
    number = max((r.number or 0 for r in history.reviews), default=0) + 1
    rows = [
        {
            "what": line,
            "where": phrases.WHERE[len(line) % len(phrases.WHERE)],
            "when": str(case.began - timedelta(days=1 + len(line) % 9)),
            "by": phrases.BY[len(line) % len(phrases.BY)],
        }
        for line in seen
    ]
    ordinary = grid.level(level).rank == 0
    return Statement(
        record=history.record,
        learner=case.learner,
        kind=Kind.NEED,
        area=grid.area(area),
        level=grid.level(level),
        text="Met by what every learner gets." if ordinary else words["need"],
        details={"evidence": [] if ordinary else rows},
        order=grid.area(area).order,
        introduced_no=number,
    )


def _write_first(
    rng: Random, case: Case, history: History, grid: Grid, number: int, words: dict[str, Any]
) -> None:
    """The full record: every area, strengths first."""
    old = history.statements[0]
    old.withdrawn_no = number
    for area in grid.areas:
        level, said, seen = grid.levels[0].code, words, words["evidence"]
        if area.code == case.profile.area:
            level = case.level
        elif rng.random() < 0.22:
            other = rng.choice([p for p in phrases.PROFILES if p.area == area.code])
            said = phrases.draw(rng, other, case.learner.known_given, 1)
            level, seen = grid.levels[1].code, said["evidence"]
        need = _need(case, history, grid, area.code, level, said, seen)
        if area.code == case.profile.area:
            need.replaces = old
        history.statements.append(need)
    lines: list[tuple[str, str, dict[str, Any]]] = [
        *((Kind.STRENGTH.value, t, {}) for t in words["strengths"]),
        (Kind.ASPIRATION.value, words["hope"], {}),
        *((Kind.HARDER.value, t, {}) for t in words["harder"]),
        *((Kind.SUPPORT.value, s["what"], _support(s)) for s in words["supports"]),
        *((Kind.ADAPTATION.value, t, {}) for t in words["adaptations"]),
        *(
            (Kind.OUTCOME.value, o["aim"], _outcome(o, case, has_a_day=position == 0))
            for position, o in enumerate(words["outcomes"])
        ),
    ]
    for order, (kind, text, details) in enumerate(lines):
        history.statements.append(
            _statement(case, history, kind, text, details, number, order, grid)
        )


def _outcome(o: dict[str, Any], case: Case, *, has_a_day: bool) -> dict[str, Any]:
    """An outcome's details; a second one has no day yet, which the help before sign-off says."""
    details = {"baseline": o["baseline"], "target": o["target"]}
    by_when = f"July {academic_year_of(case.began) + 1}"
    return {**details, "by_when": by_when} if has_a_day else details


def _support(s: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in s.items() if k != "what"}


def _statement(
    case: Case,
    history: History,
    kind: str,
    text: str,
    details: dict[str, Any],
    number: int,
    order: int,
    grid: Grid,
) -> Statement:
    for_the_need = kind in {Kind.SUPPORT, Kind.OUTCOME}
    return Statement(
        record=history.record,
        learner=case.learner,
        kind=kind,
        area=grid.area(case.profile.area) if for_the_need else None,
        text=text,
        details=details,
        introduced_no=number,
        order=order,
    )


def _change(
    rng: Random, case: Case, history: History, grid: Grid, number: int, words: dict[str, Any]
) -> None:
    """Something changed: an adaptation or a support takes another's place, sometimes the level."""
    kind = rng.choice([Kind.ADAPTATION, Kind.STRENGTH, Kind.SUPPORT])
    mine = [s for s in history.statements if s.kind == kind and s.withdrawn_no is None]
    said = {s.text for s in history.statements}
    pool: list[tuple[str, dict[str, Any]]] = [
        (s["what"], _support(s)) for s in case.profile.supports
    ]
    if kind != Kind.SUPPORT:
        lines = {Kind.ADAPTATION: case.profile.adaptations, Kind.STRENGTH: case.profile.strengths}
        pool = [(line, {}) for line in lines[kind]]
    name = case.learner.known_given
    new = [(t.replace("{n}", name), d) for t, d in pool if t.replace("{n}", name) not in said]
    if mine and new:
        old, (text, details) = rng.choice(mine), rng.choice(new)
        old.withdrawn_no = number
        fresh = _statement(case, history, kind.value, text, details, number, old.order, grid)
        fresh.replaces = old
        history.statements.append(fresh)
    if rng.random() < 0.2:
        _change_level(rng, case, history, grid, number)


def _change_level(rng: Random, case: Case, history: History, grid: Grid, number: int) -> None:
    old = next(
        s
        for s in history.statements
        if s.kind == Kind.NEED and s.withdrawn_no is None and s.area.code == case.profile.area  # type: ignore[union-attr]
    )
    assert old.level
    rank = min(max(old.level.rank + rng.choice([-1, 1]), 1), len(grid.levels) - 2)
    if rank == old.level.rank:
        return
    old.withdrawn_no = number
    new = Statement(
        record=history.record,
        learner=case.learner,
        kind=Kind.NEED,
        area=old.area,
        level=grid.levels[rank],
        text=old.text,
        details=old.details,
        order=old.order,
        introduced_no=number,
        replaces=old,
    )
    history.statements.append(new)


def _progress(rng: Random, review: Review, outcome: Statement) -> Progress:
    mark = rng.choice(list(phrases.PROGRESS))
    note = rng.choice(phrases.PROGRESS[mark])
    return Progress(review=review, learner=review.learner, outcome=outcome, mark=mark, note=note)


def _sign(
    case: Case,
    history: History,
    review: Review,
    grid: Grid,
    on: date,
    progress: list[Progress],
) -> None:
    number = max((r.number or 0 for r in history.reviews), default=0) + 1
    at = _at(on, 15)
    review.number = number
    review.state = Review.State.SIGNED_OFF
    review.signed_off_at = at
    review.signed_off_name = case.senco
    review.conversation_on = on
    in_force = [s for s in history.statements if s.withdrawn_no is None]
    review.canonical, review.sha256 = canonical(
        record_as_signed(
            review=review,
            number=number,
            signed_off_at=at.isoformat(),
            signed_off_by=case.senco,
            held_by=case.setting.name,
            statements=in_force,
            progress=progress,
            grid=grid,
        )
    )
    history.progress += progress


def _voices(rng: Random, case: Case, history: History, words: dict[str, Any]) -> None:
    review = history.reviews[-1]
    choices = [
        (Contribution.Voice.FAMILY, "Parent", {"going_well": words["family"]}),
        (
            Contribution.Voice.LEARNER,
            case.learner.known_given,
            {"would_help": rng.choice(phrases.OWN_WORDS)},
        ),
        (
            Contribution.Voice.TEACHER,
            "Class teacher",
            {"going_well": rng.choice(phrases.CONTRIBUTIONS_OF_STAFF)},
        ),
    ]
    for voice, name, said in choices:
        if rng.random() < 0.45:
            history.contributions.append(
                Contribution(
                    learner=case.learner,
                    review=review,
                    voice=voice,
                    author_name=name,
                    said_at=review.opened_at + timedelta(days=2),
                    **said,
                )
            )


def _at(day: date, hour: int = 9) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))
