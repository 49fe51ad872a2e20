"""Shorter ways to fill an open review: the rest universal, a guide adopted, another order."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.common.exceptions import NotVisible
from apps.framework import selectors as framework
from apps.reviews.actions.drafting import (
    check_not_late,
    keep,
    need_values,
    open_review,
    save_change,
)
from apps.reviews.models import DraftChange, Kind, Review, Statement

UNIVERSAL = "Met by what every learner gets."


@transaction.atomic
def rest_universal(*, by: Actor, review_id: UUID) -> int:
    """Every area that nobody has judged yet is universal; returns how many were.

    One act of a person who has read them: absence never means universal.
    """
    review = open_review(by=by, review_id=review_id)
    grid = framework.grid(review.framework_id)
    judged = set(
        Statement.objects.filter(
            record=review.record_id, kind=Kind.NEED, withdrawn_no=None
        ).values_list("area__code", flat=True)
    )
    judged |= {c.values.get("area") for c in review.changes.filter(values__kind=Kind.NEED)}
    areas = [a.code for a in grid.areas if a.code not in judged]
    for area in areas:
        save_change(
            by=by,
            review_id=review_id,
            change=DraftChange.Change.ADD,
            values=need_values(grid, area, grid.levels[0].code, [], UNIVERSAL),
        )
    return len(areas)


@transaction.atomic
def adopt_guide(*, by: Actor, review_id: UUID, guide: str, area: str) -> DraftChange:
    """Take a practice guide over as a support of that area, to be adapted; twice changes nothing.

    Raises NotVisible for a guide or area that there is not.
    """
    review = open_review(by=by, review_id=review_id)
    found = framework.guide(guide)
    framework.grid(review.framework_id).area(area)
    for draft in review.changes.filter(
        change=DraftChange.Change.ADD, values__details__guide=found.code
    ):
        if draft.values.get("area") == area:
            return draft
    return save_change(
        by=by,
        review_id=review_id,
        change=DraftChange.Change.ADD,
        values={
            "kind": Kind.SUPPORT.value,
            "area": area,
            "text": f"{found.title}: {found.summary}",
            "details": {
                "guide": found.code,
                "how_often": found.how_often,
                "by_whom": found.who,
            },
        },
    )


@transaction.atomic
def read_earlier(
    *, by: Actor, review_id: UUID, key: UUID, seen: int | None = None, later: bool = False
) -> None:
    """Move one statement of its section one place up, or down; `key` is its own or its change's.

    Raises NotVisible, and Stale when somebody saved it after `seen`.
    """
    review = open_review(by=by, review_id=review_id)
    section = _section_of(review, key)
    at = next(i for i, (statement, draft) in enumerate(section) if key in _keys(statement, draft))
    to = at + 1 if later else at - 1
    if not 0 <= to < len(section):
        return
    section[at], section[to] = section[to], section[at]
    for order, (statement, draft) in enumerate(section):
        if _shown_at(statement, draft) == order:
            continue
        if draft and key in _keys(statement, draft):
            check_not_late(draft, seen)
        change = draft or DraftChange(
            review=review,
            learner_id=review.learner_id,
            statement=statement,
            change=DraftChange.Change.ORDER,
        )
        change.values = {**change.values, "order": order}
        keep(change, review, by=by)


Line = tuple[Statement | None, DraftChange | None]


def _section_of(review: Review, key: UUID) -> list[Line]:
    """The lines of the section in which the key is, as they are shown; raises NotVisible."""
    changes = list(review.changes.all())
    statements = list(
        Statement.objects.filter(record=review.record_id, withdrawn_no=None).exclude(kind=Kind.NEED)
    )
    kinds = {s.id: s.kind for s in statements}
    kinds |= {c.id: c.values["kind"] for c in changes if c.statement_id is None}
    kind = kinds.get(key)
    if kind is None or kind == Kind.NEED:
        raise NotVisible
    changed = {c.statement_id: c for c in changes if c.statement_id}
    lines: list[Line] = [(s, changed.get(s.id)) for s in statements if s.kind == kind]
    lines += [(None, c) for c in changes if c.statement_id is None and kinds[c.id] == kind]
    return sorted(lines, key=lambda line: (_shown_at(*line), str(_keys(*line)[0])))


def _keys(statement: Statement | None, draft: DraftChange | None) -> list[UUID]:
    return [row.id for row in (statement, draft) if row]


def _shown_at(statement: Statement | None, draft: DraftChange | None) -> int:
    if draft and "order" in draft.values:
        return int(draft.values["order"])
    return statement.order if statement else 0
