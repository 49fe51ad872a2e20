"""Who last saw that a statement is still so, and how often a record went unchanged."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.reviews.models import Review, Statement, StillTrue


@dataclass(frozen=True)
class LastSeen:
    """Who last said that a statement is so, when, and whether in the open review."""

    by: str
    at: datetime
    now: bool = False


def said_of(review_ids: Iterable[UUID]) -> list[StillTrue]:
    """What was confirmed at these reviews, latest first: one query."""
    rows = StillTrue.objects.filter(review_id__in=list(review_ids))
    return list(rows.select_related("review").order_by("-said_at", "-id"))


def last_seen(
    statements: Iterable[Statement], reviews: Iterable[Review], said: Iterable[StillTrue]
) -> dict[UUID, LastSeen]:
    """For each statement in force who last saw it so: whoever confirmed it, else who signed it in.

    `reviews` are the record's, `said` what was confirmed at them, latest first.
    """
    signed = {r.number: r for r in reviews if r.number and r.signed_off_at}
    confirmed = list(said)
    found = {}
    for s in statements:
        row = next((c for c in confirmed if covers(c, s)), None)
        brought_by = signed.get(s.introduced_no)
        if row:
            now = row.review.state == Review.State.OPEN
            found[s.id] = LastSeen(row.said_by, row.said_at, now)
        elif brought_by and brought_by.signed_off_at:
            found[s.id] = LastSeen(brought_by.signed_off_name, brought_by.signed_off_at)
    return found


def covers(said: StillTrue, statement: Statement) -> bool:
    """Whether what was confirmed includes this statement, which was in force already."""
    number = said.review.number
    if number and statement.introduced_no >= number:
        return False
    if said.statement_id:
        return said.statement_id == statement.id
    return said.kind in ("", statement.kind)


def terms_unchanged(reviews: Iterable[Review]) -> int:
    """How many termly reviews in a row, the last ones, were signed off with nothing changed."""
    signed = [r for r in reviews if r.state == Review.State.SIGNED_OFF]
    count = 0
    for review in sorted(signed, key=lambda r: r.number or 0, reverse=True):
        if not review.nothing_changed:
            break
        count += 1
    return count
