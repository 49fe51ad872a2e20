"""The only clock. Everything that asks "now" or "today" asks here.

The demo and the tests may shift it by whole days: one row in the database, read once per request,
task or command by `apps.access.rls`, which hands the shift to Python and to PostgreSQL alike.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta

from django.utils import timezone

_shift: ContextVar[int] = ContextVar("days shifted", default=0)


def now() -> datetime:
    """The present moment, aware, shifted as the demo or test asks.

    A day is a day of England's clocks: past eleven at night, 24 hours may end in another one.
    """
    return (timezone.localtime() + timedelta(days=_shift.get())).astimezone(UTC)


def today() -> date:
    """Today's date in England, shifted as the demo or test asks."""
    return timezone.localtime(now()).date()


def set_shift(days: int) -> None:
    """Shift this request's, task's or command's clock by whole days."""
    _shift.set(days)


@contextmanager
def shifted(days: int) -> Iterator[None]:
    """Shift the clock inside a block."""
    token = _shift.set(days)
    try:
        yield
    finally:
        _shift.reset(token)
