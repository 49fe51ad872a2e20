"""Ways of sending that a test looks into, or holds up."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path
from smtplib import SMTPRecipientsRefused
from typing import Any, ClassVar

from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend
from django.core.mail.backends.locmem import EmailBackend as Outbox

from apps.common import clock
from apps.notifications.models import Notification
from apps.post import actions
from apps.post.models import Message
from tests.support.database import as_owner


def hand_out() -> None:
    """What the worker does when it is rung for what was told."""
    with as_owner():
        waiting = list(Notification.objects.filter(handed_out_at=None).values_list("pk", flat=True))
    for pk in waiting:
        actions.hand_out(pk)


def send_due() -> None:
    """What the worker does when it is rung for what is due."""
    hand_out()
    with as_owner():
        due = Message.objects.filter(state="queued", not_before__lte=clock.now())
        keys = list(due.values_list("pk", flat=True))
    for pk in keys:
        actions.send(pk)


class KeptSms:
    """Keeps what would be sent."""

    sent: ClassVar[list[tuple[str, str]]] = []

    def send(self, number: str, text: str, *, reference: str) -> None:
        """Keep it."""
        self.sent.append((number, text))


class HeldUp(EmailBackend):
    """Says that it is about to send, then waits as long as a file is there."""

    def send_messages(self, email_messages: Any) -> int | None:
        """Wait, then write the message to a file."""
        folder = Path(os.environ["TEST_MAIL"])
        (folder / "sending").touch()
        while (folder / "wait").exists():
            time.sleep(0.05)
        return super().send_messages(email_messages)


class RefusesSome(Outbox):
    """Takes every message but those to an address at nowhere.test."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Refuse it as a mail system does, or keep it in the outbox."""
        to = [address for message in email_messages for address in message.to]
        if any(address.endswith("@nowhere.test") for address in to):
            raise SMTPRecipientsRefused(dict.fromkeys(to, (550, b"No such mailbox")))
        return super().send_messages(email_messages)
