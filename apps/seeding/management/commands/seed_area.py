"""Make the demo area, once; or print who can sign in there."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.common import clock
from apps.notifications.models import Notification
from apps.seeding import places
from apps.seeding.area import Area
from apps.seeding.closed import make_closed
from apps.seeding.conversations import make_conversations
from apps.seeding.documents import make_documents
from apps.seeding.families import make_families
from apps.seeding.keeping import make_keeping
from apps.seeding.lives import make_lives
from apps.seeding.moves import make_moves
from apps.seeding.others import PEOPLE as OTHERS
from apps.seeding.others import make_others
from apps.seeding.voices import make_voices
from apps.settings.models import LocalArea


class Command(BaseCommand):
    """Deterministic by seed; refused outside the demo and tests."""

    help = "Make a fictional local area with settings, people, learners and four terms of records."

    def add_arguments(self, parser: CommandParser) -> None:
        """Size, seed, and what to do when the area is there."""
        parser.add_argument("--learners", type=int, default=2500, help="learners on registers")
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--if-empty", action="store_true", help="do nothing when it is there")
        parser.add_argument("--people", action="store_true", help="only print who can sign in")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the area, or print its people."""
        if options["people"]:
            self._people()
            return
        if not settings.DEMO:
            raise CommandError("Made-up learners are for the demo and tests only.")
        if LocalArea.objects.filter(code=places.AREA_CODE).exists():
            if options["if_empty"]:
                return
            raise CommandError("The demo area is there already. Start afresh: make demo-reset")
        Area(options["seed"], options["learners"], self.stdout.write).make()
        self.stdout.write(f"  {make_moves():>6} moves")
        self.stdout.write(f"  {make_lives():>6} lives that do not fit")
        self.stdout.write(f"  {make_families():>6} families that do not fit")
        self.stdout.write(f"  {make_voices():>6} views asked for")
        self.stdout.write(f"  {make_others():>6} others who work around them")
        self.stdout.write(f"  {make_keeping():>6} redactions, and records due to be deleted")
        self.stdout.write(f"  {make_documents():>6} documents, and papers for others")
        self.stdout.write(f"  {make_conversations():>6} early worries and meetings")
        self.stdout.write(f"  {make_closed():>6} lives that end a record or change whose it is")

        # What made-up people were told while they were made up is not sent to them.
        Notification.objects.using("owner").update(handed_out_at=clock.now())

    def _people(self) -> None:
        self.stdout.write(f"\nSign in with any of these; the password is {places.PASSWORD}\n")
        for person in (*places.PEOPLE, *places.FAMILIES, *OTHERS):
            self.stdout.write(f"  {person.email:<30} {person.name:<16} {person.why}")
