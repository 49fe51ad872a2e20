"""Make an England, or a part of it, for measuring. Never beside real learners."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connections

from apps.learners.models import Learner
from apps.seeding import england


class Command(BaseCommand):
    """Writes as the owner, by set-based SQL; refuses where there are learners already."""

    help = "Make many made-up learners on registers, for `make bench`."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many."""
        size = parser.add_mutually_exclusive_group(required=True)
        size.add_argument("--learners", type=int, help="learners on registers")
        size.add_argument("--fraction", type=float, help="of England's 1.7 million")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make them."""
        if "owner" not in connections:
            raise CommandError("This is written as the owner: set OWNER_DATABASE_URL.")
        if not settings.CLOCK_MAY_SHIFT:
            raise CommandError("Not beside real learners: this runs on the demo's servers only.")
        if Learner.objects.using("owner").exists():
            raise CommandError("There are learners here already.")
        wanted = options["learners"] or round(options["fraction"] * england.ENGLAND)
        england.seed(wanted, self.stdout.write)
