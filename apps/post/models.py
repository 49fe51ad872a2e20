"""What somebody chose to be sent, and the queue of what is sent."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common.models import Row
from apps.notifications.models import Notification


class Channel(models.TextChoices):
    """By what a message reaches somebody."""

    EMAIL = "email", "E-mail"
    SMS = "sms", "Text message"


class When(models.TextChoices):
    """How soon."""

    AT_ONCE = "at once", "At once"
    DAILY = "daily", "Once a day, all together"
    WEEKLY = "weekly", "Once a week, all together"
    NONE = "none", "Not at all"


class Choice(Row):
    """How soon somebody wants to be told by one channel; without a row, as `choices` has it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=5, choices=Channel.choices)
    when = models.CharField(max_length=7, choices=When.choices)
    number = models.CharField("mobile number", max_length=20, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "channel"], name="one_choice_per_channel"),
            models.CheckConstraint(
                condition=~Q(channel="sms") | Q(when="none") | ~Q(number=""),
                name="text_message_has_a_number",
            ),
        ]


class Message(Row):
    """One notification to one person by one channel: the row is the queue.

    Its words are made when it is sent, from what is true then, and are kept nowhere. Without a
    notification it is the link to a new password, asked for by an address that somebody typed.
    The database takes a message out with its notification (`migrations.0002_rules`).
    """

    class State(models.TextChoices):
        """Where it is on its way."""

        QUEUED = "queued", "Queued"
        CLAIMED = "claimed", "Being sent"
        SENT = "sent", "Sent"
        DROPPED = "dropped", "Not wanted any more"
        DEAD = "dead", "Needs help"

    notification = models.ForeignKey(
        Notification, on_delete=models.CASCADE, null=True, db_constraint=False, related_name="+"
    )
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    address = models.EmailField("who asked for a new password", max_length=254, blank=True)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    state = models.CharField(max_length=7, choices=State.choices, default=State.QUEUED)
    not_before = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["notification", "user", "channel"], name="one_message_per_channel"
            ),
            models.CheckConstraint(
                condition=Q(notification__isnull=False, user__isnull=False, address="")
                | (Q(notification=None, user=None) & ~Q(address="")),
                name="message_is_of_one_kind",
            ),
        ]
        indexes = [
            models.Index(
                fields=["not_before"],
                condition=Q(state__in=["queued", "claimed"]),
                name="message_waiting",
            )
        ]
