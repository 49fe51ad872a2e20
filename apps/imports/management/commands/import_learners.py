"""Bring a pupil list or a CTF into a setting from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.access import grants, rls
from apps.formats import pupils
from apps.formats.problems import BrokenFile
from apps.imports.actions import committing, staging
from apps.imports.models import Import
from apps.settings.models import Setting


class Command(BaseCommand):
    """Stages the file, prints what it would do, and does it unless --dry-run."""

    help = "Bring in a pupil list (CSV) or a CTF for the setting with this URN."

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, the setting, and whether only to look."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--setting", required=True, metavar="URN")
        parser.add_argument("--dry-run", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it."""
        found = Setting.objects.filter(
            identifiers__kind="urn", identifiers__value=options["setting"]
        ).first()
        if found is None:
            raise CommandError(f"No setting has the URN {options['setting']}.")
        path: Path = options["file"]
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        try:
            pupils.check_size(path.stat().st_size)
        except BrokenFile as error:
            raise CommandError(str(error)) from None
        worker = grants.worker(found.id)
        with rls.acting(worker), transaction.atomic():
            batch = staging.stage(
                by=worker, setting=found, file_name=path.name, data=path.read_bytes()
            )
            self._report(batch)
            if options["dry_run"]:
                transaction.set_rollback(True)
                return
            staging.commit(by=worker, import_id=batch.id)
        committing.work(batch.id)
        self.stdout.write("Done.")

    def _report(self, batch: Import) -> None:
        if batch.state == Import.State.BROKEN:
            raise CommandError(batch.problem)
        for kind, label in (("add", "to add"), ("update", "to update"), ("same", "no change")):
            self.stdout.write(f"{batch.rows.filter(outcome=kind).count():>6} {label}")
        for note in batch.notes:
            self.stdout.write(f"  {note}")
        for row in batch.rows.exclude(problems=[]).order_by("number"):
            for problem in row.problems:
                self.stdout.write(f"  row {row.number}, {problem['column']}: {problem['message']}")
