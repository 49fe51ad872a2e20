"""The clock, moved as every process reads it."""

from __future__ import annotations

from apps.common import clock
from apps.common.models import ClockShift
from tests.support.database import as_owner


def move_clock(days: int) -> None:
    """Shift today by the row that web, worker and database read."""
    with as_owner():
        ClockShift.objects.update_or_create(id=True, defaults={"days": days})
    clock.set_shift(days)
