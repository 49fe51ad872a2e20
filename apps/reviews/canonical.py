"""The canonical record: what sign-off stores, hashes and hands over.

RFC 8785 (JSON Canonicalization Scheme), UTF-8, SHA-256. The same facts always give the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import rfc8785

from apps.framework.selectors import Grid
from apps.reviews.models import Progress, Review, Statement

SCHEMA = "learner-record/1"


def canonical(value: Any) -> tuple[str, str]:
    """The canonical text of a JSON value, and its SHA-256 in hexadecimal."""
    data = rfc8785.dumps(value)
    return data.decode(), hashlib.sha256(data).hexdigest()


def record_as_signed(
    *,
    review: Review,
    number: int,
    signed_off_at: str,
    signed_off_by: str,
    held_by: str,
    statements: Iterable[Statement],
    progress: Iterable[Progress],
    grid: Grid,
) -> dict[str, Any]:
    """The record as a review signs it off, as plain JSON values."""
    learner = review.learner
    areas = {a.id: a.code for a in grid.areas}
    levels = {level.id: level.code for level in grid.levels}
    return {
        "schema": SCHEMA,
        "framework": grid.version.number,
        "learner": {
            "id": str(learner.id),
            "upn": learner.upn,
            "legal_name": f"{learner.legal_given} {learner.legal_family}".strip(),
            "known_as": learner.display_name,
            "date_of_birth": learner.date_of_birth.isoformat(),
        },
        "review": {
            "id": str(review.id),
            "number": number,
            "kind": review.kind,
            "year": review.year,
            "term": review.term,
            "held_by": held_by,
            "signed_off_at": signed_off_at,
            "signed_off_by": signed_off_by,
            "conversation_on": review.conversation_on.isoformat()
            if review.conversation_on
            else None,
            "no_conversation_because": review.no_conversation_because,
        },
        "statements": [
            _statement(s, areas, levels)
            for s in sorted(statements, key=lambda s: (s.kind, s.order, str(s.id)))
        ],
        "progress": [
            {"outcome": str(p.outcome_id), "mark": p.mark, "note": p.note}
            for p in sorted(progress, key=lambda p: str(p.outcome_id))
        ],
    }


def _statement(s: Statement, areas: dict[Any, str], levels: dict[Any, str]) -> dict[str, Any]:
    value: dict[str, Any] = {
        "id": str(s.id),
        "kind": s.kind,
        "text": s.text,
        "details": s.details,
        "audience": s.audience,
        "since_review": s.introduced_no,
    }
    if s.area_id:
        value["area"] = areas.get(s.area_id) or s.area.code  # type: ignore[union-attr]
    if s.level_id:
        value["level"] = levels.get(s.level_id) or s.level.code  # type: ignore[union-attr]
    return value
