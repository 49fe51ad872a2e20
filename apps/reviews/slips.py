"""Slips beside the statements in which they are."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import JSONObject

from apps.reviews.models import Slip, Statement


def with_slips(rows: QuerySet[Statement]) -> QuerySet[Any]:
    """Statements with what was noted of each as `slips`, oldest first, in the same query."""
    noted = Slip.objects.filter(statement_id=OuterRef("pk")).order_by("noted_at", "id")
    one = JSONObject(should_say="should_say", noted_by="noted_by", noted_at="noted_at")
    return rows.annotate(slips=ArraySubquery(noted.values(one=one)))


def corrected(statement: Any) -> str:
    """A statement's words as they should be: for papers that are not what was signed."""
    slips = getattr(statement, "slips", None)
    return str(slips[-1]["should_say"]) if slips else str(statement.text)


def noted_on(slip: dict[str, Any]) -> datetime:
    """When a slip of `with_slips` was noted."""
    return datetime.fromisoformat(slip["noted_at"])


def for_package(slips: Iterable[Slip]) -> list[dict[str, str]]:
    """Slips as plain values, beside the record that they correct."""
    return [
        {
            "statement": str(slip.statement_id),
            "should_say": slip.should_say,
            "because": slip.because,
            "noted_on": slip.noted_at.date().isoformat(),
        }
        for slip in slips
    ]
