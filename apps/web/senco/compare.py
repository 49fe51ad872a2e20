"""Any two reviews of a record side by side, with the words marked; for staff and for the family."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.audit import record as audit
from apps.common.exceptions import NotVisible
from apps.framework import selectors as framework
from apps.reviews import policy, selectors, story
from apps.reviews.changes import Change, Piece, details_in_words, marked
from apps.reviews.models import Review, Statement
from apps.web.guards import reader
from apps.web.presenters import banner

LevelWords = Callable[[Statement], str]


@dataclass(frozen=True)
class Side:
    """One thing that the record says, as it stood at both reviews."""

    change: Change
    left: list[Piece]
    right: list[Piece]


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """What stood at two reviews: what differs, each side marked, then what stayed."""
    actor, seen = reader(request, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="two reviews")
    record = selectors.record(actor, seen)
    if not seen.knows_where:
        raise NotVisible
    signed = sorted((r for r in record.reviews if r.number), key=lambda r: r.number or 0)
    context = {
        "banner": banner(seen.learner, record.holder_name, record.group),
        "learner": seen.learner,
        "family": seen.family,
        "reviews": signed[::-1],
    }
    if len(signed) > 1:
        first, second = _chosen(request, signed)
        own = seen.family and policy.is_own(actor, learner_id)
        words = _levels(family=seen.family, own=own)
        changes = story.between(actor, seen, first.number or 0, second.number or 0)
        context |= {
            "first": first,
            "second": second,
            "sides": [_side(c, words) for c in changes if c.what != "same"],
            "same": [c.said for c in changes if c.what == "same"],
        }
    return render(request, "senco/compare.html", context)


def _chosen(request: HttpRequest, signed: list[Review]) -> tuple[Review, Review]:
    """The two that the address names, the earlier first; the last two where it names none."""
    by_number = {str(r.number): r for r in signed}
    wanted = [request.GET.get("from", ""), request.GET.get("to", "")]
    found = [by_number[number] for number in wanted if number in by_number]
    if len(found) < len(wanted):
        if any(wanted):
            raise NotVisible
        found = signed[-2:]
    return min(found, key=lambda r: r.number or 0), max(found, key=lambda r: r.number or 0)


def _levels(*, family: bool, own: bool) -> LevelWords:
    """How a level is worded: by its name to staff, by its descriptor's sentence to a family."""

    def words(need: Statement) -> str:
        if need.level is None or need.area is None:
            return ""
        if not family:
            return need.level.name
        box = framework.grid(need.level.version_id).boxes.get((need.area.code, need.level.code))
        return (box.young_person if own else box.family) if box else ""

    return words


def _side(change: Change, level: LevelWords) -> Side:
    before, after = (_text(s, level) for s in (change.before, change.after))
    return Side(change, *marked(before, after))


def _text(s: Statement | None, level: LevelWords) -> str:
    """Everything that a statement says, a line each."""
    if s is None:
        return ""
    return "\n".join(part for part in (level(s), s.text, details_in_words(s)) if part)
