"""Say which record a sealed one led to, or which sealed one a record followed: for a court."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections, transaction

from apps.access import grants, rls
from apps.audit import record

SHORTEST_ORDER = 10


class Command(BaseCommand):
    """Run by an operator who has the order on paper; what was asked is logged before the answer."""

    help = "Open the link between a sealed record and the one that follows it, on a court's order."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and on which order."""
        parser.add_argument("learner", type=UUID, help="the key of either learner")
        parser.add_argument("--order", required=True, help="the court, its number and its date")

    def handle(self, *args: Any, learner: UUID, order: str, **options: Any) -> None:
        """Log, then print what there is."""
        if len(order.strip()) < SHORTEST_ORDER:
            raise CommandError("Give the court, the number and the date of its order.")
        with rls.acting(grants.operator()) as by:
            record.event(
                by=by,
                action="adoption link opened",
                subject_kind="adoption",
                subject_id=None,
                detail={"asked": learner, "order": order.strip()},
            )
        row = self._link(learner)
        if row is None:
            raise CommandError("No adoption is linked to this learner. That you asked is logged.")
        for name, value in zip(("earlier record", "new record", "decided"), row, strict=True):
            self.stdout.write(f"{name}: {value}")

    def _link(self, learner: UUID) -> tuple[Any, ...] | None:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {settings.DATABASE_ROLES['audit']}")
            cursor.execute(
                "SELECT old_id, new_id, decided_at FROM lives_adoptionlink"
                " WHERE old_id = %s OR new_id = %s",
                [learner, learner],
            )
            found: tuple[Any, ...] | None = cursor.fetchone()
            cursor.execute("RESET ROLE")
        return found
