"""Make the first administrator; asks for a password, which nobody else learns."""

from __future__ import annotations

from getpass import getpass
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.access import actions, grants, rls
from apps.common.exceptions import Invalid


class Command(BaseCommand):
    """For an operator, once; administrators then invite everybody else on the page *People*."""

    help = "Make an administrator: sets up organisations and roles, and sees no record."

    def add_arguments(self, parser: CommandParser) -> None:
        """Who."""
        parser.add_argument("email")
        parser.add_argument("--name", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask for the password and make them."""
        password = getpass("Password: ")
        try:
            validate_password(password)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if password != getpass("Once more: "):
            raise CommandError("The two passwords differ.")
        operator = grants.operator()
        try:
            with rls.acting(operator):
                actions.make_administrator(
                    by=operator, email=options["email"], name=options["name"], password=password
                )
        except Invalid as error:
            raise CommandError(str(error)) from None
        self.stdout.write("Done. Sign in at /sign-in/.")
