"""The first wall fails shut: whoever reads what is a learner's has asked a policy, or gets nothing.

Policies say that they were asked; the middleware watches what the request's queries touch. A view
written without a policy is then a server error with an alarm, in production too, and never a page.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.db import connection

alarm = logging.getLogger("learner_record.alarm")

# A person's own messages, codes and the log have rules of their own; learner access is what
# policies read.
_NOT_WATCHED = {"audit", "access", "notifications"}
_LEARNER, _LEARNER_ACCESS = "learners_learner", "learners_learneraccess"


@dataclass
class Watch:
    """What one request has touched and asked."""

    touched: str = ""
    asked: bool = False

    @property
    def broken(self) -> bool:
        """Whether a learner's rows were read and no policy was asked."""
        return bool(self.touched) and not self.asked


_watch: ContextVar[Watch | None] = ContextVar("what this request touched and asked", default=None)


def asked() -> None:
    """A policy answers: it says so here, before it does."""
    if watch := _watch.get():
        watch.asked = True


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch every query of this block."""
    watch = Watch()
    token = _watch.set(watch)

    def see(execute: Callable[..., Any], query: Any, *rest: Any) -> Any:
        if not watch.touched and (found := protected().search(str(query))):
            watch.touched = found[1]
        return execute(query, *rest)

    try:
        with connection.execute_wrapper(see):
            yield watch
    finally:
        _watch.reset(token)


@cache
def protected() -> re.Pattern[str]:
    """The tables whose rows are a learner's, as queries name them."""
    tables = {
        model._meta.db_table
        for model in apps.get_models()
        if model._meta.app_label not in _NOT_WATCHED
        and any(field.attname == "learner_id" for field in model._meta.concrete_fields)
    }
    names = sorted((tables | {_LEARNER}) - {_LEARNER_ACCESS})
    return re.compile(rf'"({"|".join(names)})"')
