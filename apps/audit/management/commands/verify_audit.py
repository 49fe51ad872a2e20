"""Check the log of what was done and read against its seals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from apps.audit import seals


class Command(BaseCommand):
    """Computes the chain again and names the first row that is not as it was sealed."""

    help = "Check every row of the audit log against its seal; names the first bad row."

    def add_arguments(self, parser: CommandParser) -> None:
        """Where checkpoints were kept."""
        parser.add_argument(
            "--kept",
            type=Path,
            help="a file of checkpoints kept elsewhere, one to a line: shows that the end is whole",
        )

    def handle(self, *args: Any, kept: Path | None, **options: Any) -> None:
        """Say how many rows are as sealed, or fail with the first that is not."""
        try:
            lines = kept.read_text().splitlines() if kept else []
            checkpoints = [seals.Checkpoint.from_line(line) for line in lines if line.strip()]
            count = seals.verify(connections["owner"], checkpoints)
        except OSError as wrong:
            raise CommandError(f"{kept} cannot be read: {wrong.strerror}.") from wrong
        except (seals.Broken, ValueError) as wrong:
            raise CommandError(str(wrong)) from wrong
        self.stdout.write(f"{count:,} rows are as they were sealed.")
        key = seals.signing_key().public_key().public_bytes_raw().hex()
        self.stdout.write(f"The key in use, as AUDIT_FORMER_KEYS wants it: {key}:{count}")
