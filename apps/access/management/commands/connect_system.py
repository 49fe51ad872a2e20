"""Connect a system to the API: a client id, a secret shown once, scopes and organisations."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.access import clients, grants, rls
from apps.access.roles import SCOPES
from apps.common.exceptions import Invalid
from apps.settings import selectors as settings


class Command(BaseCommand):
    """For an operator; each organisation has agreed to what the system may do there."""

    help = "Connect a system to the API and print its client id and secret (once)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name, scopes, settings by URN, local areas by code."""
        parser.add_argument("name")
        parser.add_argument("--scope", action="append", required=True, metavar="|".join(SCOPES))
        parser.add_argument("--setting", action="append", default=[], metavar="URN")
        parser.add_argument("--local-area", action="append", default=[], metavar="CODE")

    def handle(self, *args: Any, **options: Any) -> None:
        """Connect it."""
        operator = grants.operator()
        try:
            with rls.acting(operator):
                client, secret = clients.connect_system(
                    by=operator,
                    name=options["name"],
                    scopes=options["scope"],
                    settings=settings.with_urns(options["setting"]),
                    local_areas=settings.with_codes(options["local_area"]),
                )
        except Invalid as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"client_id:     {client.application.client_id}")
        self.stdout.write(f"client_secret: {secret}   (shown only now)")
