"""An open review's changes: seen by those who review, true only from sign-off."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible, Stale
from apps.common.text import printable
from apps.framework.selectors import Grid
from apps.framework.selectors import grid as framework_grid
from apps.reviews import policy
from apps.reviews.models import Audience, DraftChange, Kind, Progress, Review, Statement

MAX_TEXT = 4000
UNSAID = "Not looked at this term"
LATE = (
    "Somebody else saved this review while you were writing. "
    "Your words are below: look at both, then save again."
)


def need_values(
    grid: Grid, area: str, level: str, evidence: list[dict[str, str]], text: str
) -> dict[str, Any]:
    """The values of a need: its area and level by code, and its rows of evidence."""
    return {
        "kind": Kind.NEED.value,
        "area": grid.area(area).code,
        "level": grid.level(level).code,
        "text": text,
        "details": {"evidence": evidence},
        "audience": Audience.EVERYONE.value,
        "audience_reason": "",
        "order": grid.area(area).order,
    }


def open_review(*, by: Actor, review_id: UUID, version: int | None = None) -> Review:
    """The open review, locked for this transaction.

    Raises NotVisible or Refused by policy, InvalidTransition when it is no longer open, Stale when
    `version` is given and someone saved since.
    """
    review = (
        Review.objects.select_for_update(of=("self",))
        .select_related("learner", "record", "setting")
        .filter(pk=review_id)
        .first()
    )
    if review is None:
        # Row-level security lets nobody lock what they may not write: a reader, or a stranger?
        policy.check_can_review(by, policy.get(by, review_id).learner_id)
        raise NotVisible
    policy.check_can_review(by, review.learner_id)
    if review.state != Review.State.OPEN:
        raise InvalidTransition(
            "This review was signed off. What is new goes into the next one."
            if review.state == Review.State.SIGNED_OFF
            else "This review was not completed in its term. Write into the next one."
        )
    if version is not None and version != review.version:
        raise Stale(LATE)
    return review


@transaction.atomic
def save_change(
    *,
    by: Actor,
    review_id: UUID,
    change: str,
    version: int | None = None,
    seen: int | None = None,
    values: dict[str, Any] | None = None,
    statement_id: UUID | None = None,
    change_id: UUID | None = None,
) -> DraftChange:
    """Add a statement, or replace or withdraw one in force; a second save edits the first.

    `version` is that of the whole review that the writer saw; `seen` the one at which they saw this
    place, so that two people write in different places at once and nobody is late. Raises Stale;
    Invalid with the fields at fault.
    """
    review = open_review(by=by, review_id=review_id, version=version)
    checked = {} if change == DraftChange.Change.WITHDRAW else check_values(review, values or {})
    statement = in_force(review, statement_id) if statement_id else None
    if change == DraftChange.Change.WITHDRAW and statement is None:
        raise NotVisible  # only what is in force ends; what is new is taken out
    draft = None
    if change_id:
        draft = DraftChange.objects.filter(pk=change_id, review=review).first()
    elif statement:
        draft = DraftChange.objects.filter(review=review, statement=statement).first()
    elif checked.get("kind") == Kind.NEED:
        draft = _need_draft(review, checked["area"])
        statement = statement or _need_in_force(review, checked["area"])
        draft = draft or (
            DraftChange.objects.filter(review=review, statement=statement).first()
            if statement
            else None
        )
        change = DraftChange.Change.REPLACE if statement else DraftChange.Change.ADD
    if draft is not None:
        check_not_late(draft, seen)
    else:
        draft = DraftChange(review=review, learner=review.learner, statement=statement)
    if checked and "order" not in (values or {}):
        checked["order"] = _order(review, draft, statement, checked["kind"])
    draft.change = change if draft.statement_id else DraftChange.Change.ADD
    draft.values = checked
    if statement:
        review.still_true.filter(statement=statement).delete()
    return keep(draft, review, by=by)


def keep(draft: DraftChange, review: Review, *, by: Actor) -> DraftChange:
    """Write a change of a review that the caller has locked, and say who made it and when."""
    touch(review)
    draft.made_at = clock.now()
    draft.made_by_id = by.person_id
    draft.version = review.version
    draft.save()
    return draft


def check_not_late(saved: DraftChange | Progress, seen: int | None) -> None:
    """Raises Stale when somebody saved this place after the writer saw it."""
    if seen is not None and saved.version > seen:
        raise Stale(LATE)


@transaction.atomic
def drop_change(
    *,
    by: Actor,
    review_id: UUID,
    change_id: UUID,
    version: int | None = None,
    seen: int | None = None,
) -> None:
    """Take a change out of the review again."""
    review = open_review(by=by, review_id=review_id, version=version)
    draft = review.changes.filter(pk=change_id).first()
    if draft is None:
        raise NotVisible
    check_not_late(draft, seen)
    draft.delete()
    touch(review)


@transaction.atomic
def save_progress(
    *,
    by: Actor,
    review_id: UUID,
    marks: dict[UUID, tuple[str, str]],
    version: int | None = None,
    seen: int | None = None,
) -> None:
    """Say how far outcomes got: outcome key → (mark, note). `version`, `seen`: as `save_change`."""
    review = open_review(by=by, review_id=review_id, version=version)
    touch(review)
    said = {p.outcome_id: p for p in review.progress.all()}
    for outcome_id, (mark, note) in marks.items():
        outcome = in_force(review, outcome_id)
        if mark not in Progress.Mark.values:
            raise Invalid("Choose how far the outcome got.", {"mark": "Choose one."})
        unsaid = mark == Progress.Mark.NOT_KNOWN and not note.strip()
        words = UNSAID if unsaid else note.strip()[:500]
        row = said.get(outcome_id)
        if row is None:
            row = Progress(review=review, learner=review.learner, outcome=outcome)
        elif (row.mark, row.note) == (mark, words):
            continue
        else:
            check_not_late(row, seen)
        row.mark, row.note, row.version = mark, words, review.version
        row.save()


def check_values(review: Review, values: dict[str, Any]) -> dict[str, Any]:
    """The values of a statement, complete and checked.

    Raises Invalid with a sentence for each field at fault.
    """
    values = printable(values)
    kind = str(values.get("kind", ""))
    if kind not in Kind.values:
        raise Invalid("Choose what kind of statement this is.", {"kind": "Choose a kind."})
    text = str(values.get("text", "")).strip()
    errors: dict[str, str] = {}
    if not text:
        errors["text"] = "Enter the words."
    elif len(text) > MAX_TEXT:
        errors["text"] = f"Use {MAX_TEXT} characters or fewer."
    checked: dict[str, Any] = {
        "kind": kind,
        "text": text,
        "details": values.get("details") or {},
        "audience": values.get("audience") or Audience.EVERYONE.value,
        "audience_reason": str(values.get("audience_reason", "")).strip(),
        "order": int(values.get("order") or 0),
        "area": values.get("area") or None,
    }
    grid = framework_grid(review.framework_id)
    if checked["area"]:
        grid.area(checked["area"])
    if kind == Kind.NEED:
        checked["level"] = str(values.get("level", ""))
        rank = grid.level(checked["level"]).rank
        if rank > 0 and not _has_evidence(checked["details"]):
            errors["evidence"] = "Say what was seen: a need above universal rests on evidence."
    if checked["audience"] == Audience.STAFF and checked["kind"] == Kind.NEED:
        errors["audience"] = "A need is for everyone with access."
    if checked["audience"] == Audience.STAFF and not checked["audience_reason"]:
        errors["audience_reason"] = "Say why only staff may read this."
    if errors:
        raise Invalid("There is a problem with what you entered.", errors)
    return checked


def _has_evidence(details: dict[str, Any]) -> bool:
    rows = details.get("evidence")
    return isinstance(rows, list) and any(
        isinstance(row, dict) and str(row.get("what", "")).strip() for row in rows
    )


def saved_in_place(
    review: Review,
    values: dict[str, Any],
    statement_id: UUID | None,
    change_id: UUID | None = None,
) -> DraftChange | None:
    """What is saved now where a change would go: of the same statement, or the same area's need."""
    if change_id:
        rows = DraftChange.objects.filter(review=review, pk=change_id)
    elif statement_id:
        rows = DraftChange.objects.filter(review=review, statement_id=statement_id)
    elif values.get("kind") == Kind.NEED:
        rows = DraftChange.objects.filter(
            review=review, values__kind=Kind.NEED.value, values__area=values["area"]
        )
    else:
        return None
    return rows.select_related("made_by").first()


def in_force(review: Review, statement_id: UUID) -> Statement:
    """A statement in force of this review's record; raises NotVisible."""
    statement = Statement.objects.filter(
        pk=statement_id, record=review.record, withdrawn_no=None
    ).first()
    if statement is None:
        raise NotVisible
    return statement


def _need_in_force(review: Review, area: str) -> Statement | None:
    return Statement.objects.filter(
        record=review.record, kind=Kind.NEED, withdrawn_no=None, area__code=area
    ).first()


def _need_draft(review: Review, area: str) -> DraftChange | None:
    return review.changes.filter(values__kind=Kind.NEED.value, values__area=area).first()


def _order(review: Review, draft: DraftChange, statement: Statement | None, kind: str) -> int:
    """Where a statement is read: where it was put in this review, where it was, else last."""
    if "order" in draft.values:
        return int(draft.values["order"])
    if statement:
        return statement.order
    there = Statement.objects.filter(record=review.record_id, kind=kind, withdrawn_no=None)
    orders = [*there.values_list("order", flat=True)]
    orders += [c.values["order"] for c in review.changes.filter(values__kind=kind)]
    return max(orders, default=-1) + 1


def touch(review: Review) -> None:
    """A review that the caller has locked has a new version."""
    review.version += 1
    review.save(update_fields=["version"])
