"""What the database is told about who is asking, and for which day.

Settings are local to the transaction (`set_config(…, true)`): a pooled connection can never serve
one person's context to the next. Row-level policies (`common.row_security`) read nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from apps.access.grants import Actor
from apps.access.permissions import Right
from apps.common import clock
from apps.common.models import ClockShift

SET_CONTEXT = """
    SELECT set_config('lr.actor', %s, true), set_config('lr.kind', %s, true),
           set_config('lr.read', %s, true), set_config('lr.contribute', %s, true),
           set_config('lr.hold', %s, true), set_config('lr.today', %s, true),
           set_config('lr.figures', %s, true)
"""


def _array(ids: Iterable[UUID]) -> str:
    return "{" + ",".join(str(i) for i in ids) + "}"


def set_context(actor: Actor) -> None:
    """Tell the database who asks, until this transaction ends."""
    if not connection.in_atomic_block:
        raise RuntimeError("A context lasts as long as a transaction: open one first.")
    with connection.cursor() as cursor:
        cursor.execute(
            SET_CONTEXT,
            [
                str(actor.user_id or ""),
                actor.kind,
                _array(actor.reaching(Right.READ)),
                _array(actor.reaching(Right.CONTRIBUTE)),
                _array(actor.reaching(Right.HOLD)),
                clock.today().isoformat(),
                _array(actor.seeing_figures()),
            ],
        )


def clear_context() -> None:
    """Forget who asked; needed only inside a transaction that goes on, as in a test."""
    with connection.cursor() as cursor:
        cursor.execute(SET_CONTEXT, [""] * 7)


@contextmanager
def acting(actor: Actor) -> Iterator[Actor]:
    """A transaction with `actor`'s context, for tasks and commands; reads the clock's shift."""
    with transaction.atomic():
        load_clock()
        set_context(actor)
        yield actor
        if connection.savepoint_ids:
            clear_context()


@contextmanager
def in_place_of(by: Actor, other: Actor) -> Iterator[Actor]:
    """Inside `by`'s transaction, act as `other` for what `by` decides and cannot write themself.

    The caller has asked a policy that `by` may. An error takes the context back with the rest.
    """
    with transaction.atomic():
        set_context(other)
        yield other
        set_context(by)


def load_clock() -> None:
    """Take the shift of the demo's clock from its row; production has none and refuses one."""
    if settings.CLOCK_MAY_SHIFT:
        clock.set_shift(ClockShift.objects.values_list("days", flat=True).first() or 0)
