"""The record as it will stand once an open review is signed off."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from apps.framework.selectors import Grid
from apps.reviews.models import DraftChange, Statement, as_read


def as_statement(draft: DraftChange, grid: Grid, **values: Any) -> Statement:
    """The statement that a change brings, not saved."""
    said: dict[str, Any] = draft.values
    return Statement(
        learner_id=draft.learner_id,
        kind=said["kind"],
        area=grid.area(said["area"]) if said.get("area") else None,
        level=grid.level(said["level"]) if said.get("level") else None,
        text=said["text"],
        details=said["details"],
        audience=said["audience"],
        audience_reason=said["audience_reason"],
        order=said["order"],
        replaces_id=draft.statement_id,
        **values,
    )


def proposed(
    in_force: Iterable[Statement], changes: Iterable[DraftChange], grid: Grid, *, number: int
) -> list[Statement]:
    """What is in force now with the changes made; what a change brings has the change's own key.

    In which order it is read is not looked at here.
    """
    standing: dict[UUID | None, Statement] = {s.id: s for s in in_force}
    for change in changes:
        if change.change == DraftChange.Change.ORDER:
            continue
        before = standing.pop(change.statement_id, None)
        if change.change != DraftChange.Change.WITHDRAW:
            brought = as_statement(change, grid, id=change.id, introduced_no=number)
            brought.replaces = before
            standing[change.id] = brought
    return as_read(standing.values())
