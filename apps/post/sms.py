"""How a text message leaves: a small interface that an operator's own provider fills.

`SMS_BACKEND` names a class with one method. Without it no text messages are offered.
"""

from __future__ import annotations

import sys
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string


class SmsBackend(Protocol):
    """What a provider's class has to do."""

    def send(self, number: str, text: str, *, reference: str) -> None:
        """Send, or raise: then it is tried again.

        The same `reference` again is the same message, which a provider that can is to send once.
        """


class ConsoleBackend:
    """Prints what would be sent: for the demo."""

    def send(self, number: str, text: str, *, reference: str) -> None:
        """Print it."""
        sys.stdout.write(f"SMS {reference} to {number}: {text}\n")
        sys.stdout.flush()


def backend() -> SmsBackend:
    """The backend of the settings."""
    made: SmsBackend = import_string(settings.SMS_BACKEND)()
    return made
