"""What came in about the support for an outcome that nobody looked at: never a mark by itself.

That a support happens, or works in a class, does not say how far an outcome got; so the answer
stays *not known*, and says what is known. An outcome and a support belong together by their area.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from uuid import UUID

from django.db.models import Max

from apps.reviews.models import Audience, Kind, Review, Statement, SupportCheck, SupportSeen


def about_supports(review: Review, statements: Iterable[Statement]) -> dict[UUID, str]:
    """What was said of each area's supports since the review before, by the area's key.

    Nothing of a support, or of words, that the family may not read: what is signed is for them too.
    """
    areas: dict[UUID, UUID] = {}
    for s in statements:
        if s.kind == Kind.SUPPORT and s.area_id and s.audience == Audience.EVERYONE:
            areas |= dict.fromkeys(filter(None, (s.id, s.replaces_id)), s.area_id)
    before = review.record.reviews.aggregate(last=Max("signed_off_at"))["last"]
    if before is None:
        return {}
    checked = SupportCheck.objects.filter(statement__in=areas, said_at__gt=before)
    checked = checked.order_by("statement_id", "-said_at")
    seen = SupportSeen.objects.filter(
        statement__in=areas,
        contribution__review=review,
        contribution__ask_me_first=False,
        contribution__not_my_parents=False,
    )
    of_checks = [(c.statement_id, c.get_answer_display()) for c in checked.distinct("statement_id")]
    of_rounds = [(s.statement_id, s.get_mark_display()) for s in seen]
    parts = {"checked": _by_area(areas, of_checks), "in class": _by_area(areas, of_rounds)}
    return {
        area: "; ".join(f"{how}: {said[area]}" for how, said in parts.items() if area in said)
        for area in {area for said in parts.values() for area in said}
    }


def _by_area(areas: dict[UUID, UUID], answers: Iterable[tuple[UUID, str]]) -> dict[UUID, str]:
    """How often each answer was given: "as planned 2, partly 1"."""
    counts: dict[UUID, Counter[str]] = {}
    for statement_id, answer in answers:
        counts.setdefault(areas[statement_id], Counter())[answer.lower()] += 1
    return {
        area: ", ".join(f"{answer} {n}" for answer, n in sorted(of.items()))
        for area, of in counts.items()
    }
