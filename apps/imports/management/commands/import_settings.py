"""Load settings from a GIAS "all data" extract, and the links between them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.formats import gias
from apps.formats.problems import BrokenFile
from apps.imports.actions.establishments import Counts, load_links, load_settings

SHOWN = 20


class Command(BaseCommand):
    """Reads the files as published; the same file twice changes nothing."""

    help = "Load settings from a GIAS extract (CSV), and links from its companion file."

    def add_arguments(self, parser: CommandParser) -> None:
        """The two files."""
        parser.add_argument("file", type=Path, nargs="?")
        parser.add_argument("--links", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        """Load what was named."""
        if not options["file"] and not options["links"]:
            raise CommandError("Name a file of establishments, of links, or both.")
        try:
            if options["file"]:
                with self._open(options["file"]) as stream:
                    rows = gias.read_establishments(stream)
                    self._report("settings", load_settings(rows, say=self._progress))
            if options["links"]:
                with self._open(options["links"]) as stream:
                    self._report("links", load_links(gias.read_links(stream)))
        except BrokenFile as error:
            raise CommandError(str(error)) from None

    def _open(self, path: Path) -> Any:
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        return path.open("rb")

    def _progress(self, rows: int) -> None:
        self.stdout.write(f"  {rows:>7} rows")

    def _report(self, what: str, counts: Counts) -> None:
        self.stdout.write(
            f"{counts.rows} rows of {what}: {counts.added} added, {counts.changed} changed, "
            f"{counts.same} the same, {len(counts.problems)} with a problem"
        )
        for problem in counts.problems[:SHOWN]:
            self.stdout.write(f"  row {problem.row}: {problem.message}")
