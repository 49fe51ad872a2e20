"""A record with terms behind it: reviews and statements as sign-off would have left them."""

from __future__ import annotations

from typing import Any

from apps.common import clock
from apps.framework import selectors as framework
from apps.learners.models import Learner
from apps.reviews.models import Review, Statement
from tests.support.database import as_owner


def reviewed(robin: Learner, *terms: tuple[int, str], kind: str = "termly") -> None:
    """A signed-off review more for each of these terms."""
    record = robin.record
    with as_owner():
        record.refresh_from_db()
        for year, term in terms:
            record.last_number += 1
            Review.objects.create(
                record=record,
                learner=robin,
                entry=robin.entries.first(),
                setting=robin.entries.first().setting,
                framework=framework.published().version,
                kind=kind,
                state="signed off",
                number=record.last_number,
                year=year,
                term=term,
                opened_at=clock.now(),
                signed_off_at=clock.now(),
                signed_off_name="The SENCO",
                canonical='{"progress": []}',
                sha256="0" * 64,
            )
        record.save(update_fields=["last_number"])


def replaced(robin: Learner, before: Statement | None, no: int, **values: Any) -> Statement:
    """A statement that came with review `no`, in the place of another or as a new one."""
    grid = framework.published()
    area, level = values.pop("area", ""), values.pop("level", "")
    with as_owner():
        if before:
            Statement.objects.filter(pk=before.pk).update(withdrawn_no=no)
        return Statement.objects.create(
            record=robin.record,
            learner=robin,
            kind=values.pop("kind", before.kind if before else "support"),
            area=grid.area(area) if area else before.area if before else None,
            level=grid.level(level) if level else None,
            introduced_no=no,
            replaces=before,
            **values,
        )
