"""The only writer of the audit tables."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Protocol
from uuid import UUID

from django.db import connection

from apps.common import clock


class Who(Protocol):
    """Whoever acts or reads: what the audit keeps of them."""

    @property
    def user_id(self) -> UUID | None:
        """Their key, if they are a person or a client of the API."""

    @property
    def name(self) -> str:
        """The name to show."""

    @property
    def role(self) -> str:
        """The role in which they act."""

    @property
    def organisation_id(self) -> UUID | None:
        """The setting or local area for which they act."""

    @property
    def organisation_name(self) -> str:
        """Its name."""

    @property
    def purpose(self) -> str:
        """Why they say they need to read."""


def event(
    *,
    by: Who,
    action: str,
    subject_kind: str,
    subject_id: UUID | None,
    learner_id: UUID | None = None,
    detail: dict[str, Any] | None = None,
) -> None:
    """Keep that `by` did `action`; in the transaction of the change itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_append_event(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb)",
            [
                clock.now(),
                by.user_id,
                by.name,
                by.role,
                by.organisation_id,
                action,
                subject_kind,
                subject_id,
                learner_id,
                json.dumps(detail or {}, default=str),
            ],
        )


def opened(*, by: Who, learner_id: UUID, what: str) -> None:
    """Keep that `by` opened this learner's record, or the part of it named by `what`."""
    _read(by, "opened", what, [learner_id])


def opened_together(*, by: Who, learner_ids: Iterable[UUID], what: str) -> None:
    """Keep that `by` opened each of these learners' records at once: one row, as for a list."""
    ids = list(learner_ids)
    if ids:
        _read(by, "opened", what, ids)


def listed(*, by: Who, learner_ids: Iterable[UUID], what: str) -> None:
    """Keep that `by` saw these learners in a list: one row, however long the list."""
    ids = list(learner_ids)
    if ids:
        _read(by, "listed", what, ids)


def _read(by: Who, kind: str, what: str, learner_ids: list[UUID]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit_append_access(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s::uuid[])",
            [
                clock.now(),
                by.user_id,
                by.name,
                by.role,
                by.organisation_id,
                by.organisation_name,
                kind,
                what,
                by.purpose,
                learner_ids,
            ],
        )
