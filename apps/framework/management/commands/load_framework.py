"""Load the National Framework versions and the toolkit that the project ships."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from apps.framework import actions


class Command(BaseCommand):
    """Loads what is new; a version that is there already is left alone."""

    help = "Load National Framework versions and the toolkit (safe to repeat)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Files to load instead of those shipped."""
        parser.add_argument("files", nargs="*", type=Path, help="version files to load")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load versions, then the toolkit."""
        for path in options["files"] or actions.shipped():
            version, new = actions.load_version(path)
            self.stdout.write(f"{version}: {'loaded' if new else 'there already'}")
        self.stdout.write(f"Toolkit: {actions.load_toolkit()} practice guides")
