"""Whose view is asked for in a review, and whom a setting chooses to ask."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common.models import Row
from apps.learners.models import FamilyMember, Learner
from apps.reviews.voice_models import Contribution
from apps.settings.models import Setting

# So often an e-mail with a link is tried before somebody has to look.
MOST_ATTEMPTS = 5


class Ask(Row):
    """Somebody is asked what they think, for one review and by a day.

    Who signs in is `user`; anybody else answers by a link, of which only the digest is kept. What
    has not arrived holds up nothing.
    """

    class State(models.TextChoices):
        """Asked, until they answer or the question is withdrawn."""

        ASKED = "asked", "Asked"
        ANSWERED = "answered", "Answered"
        WITHDRAWN = "withdrawn", "Withdrawn"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    review = models.ForeignKey("reviews.Review", on_delete=models.PROTECT, related_name="asks")
    voice = models.CharField(max_length=10, choices=Contribution.Voice.choices)
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    family_member = models.ForeignKey(FamilyMember, on_delete=models.PROTECT, null=True)
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    asked_by = models.CharField("who asked", max_length=200)
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.ASKED)
    answered_at = models.DateTimeField(null=True)
    reminders = models.SmallIntegerField("how many reminders were sent", default=0)
    mails = models.SmallIntegerField("how many e-mails with the link were sent", default=0)
    attempts = models.SmallIntegerField("how often the next e-mail was tried", default=0)
    last_error = models.CharField(max_length=300, blank=True)
    not_before = models.DateTimeField("it is not tried again before", null=True)
    link_digest = models.CharField(max_length=64, blank=True)
    link_ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "user"], condition=~Q(user=None), name="asked_once_of_a_person"
            ),
            models.UniqueConstraint(
                fields=["review", "family_member"],
                condition=~Q(family_member=None),
                name="asked_once_of_an_adult",
            ),
            models.UniqueConstraint(
                fields=["review", "email"],
                condition=Q(user=None, family_member=None),
                name="asked_once_at_an_address",
            ),
            models.UniqueConstraint(
                fields=["link_digest"], condition=~Q(link_digest=""), name="link_once"
            ),
            models.CheckConstraint(
                condition=Q(state="answered", answered_at__isnull=False)
                | (~Q(state="answered") & Q(answered_at=None)),
                name="ask_answered_whole",
            ),
            models.CheckConstraint(
                condition=Q(link_digest="", link_ends_on=None)
                | (~Q(link_digest="") & Q(link_ends_on__isnull=False)),
                name="a_link_ends",
            ),
        ]
        indexes = [
            models.Index(fields=["user"], condition=Q(state="asked"), name="asked_of_person"),
            models.Index(fields=["learner"], condition=Q(state="asked"), name="asked_of_learner"),
        ]

    @property
    def given_up(self) -> bool:
        """Whether the e-mail with the link could not be sent, however often it was tried."""
        return self.attempts >= MOST_ATTEMPTS


class AskingChoice(Row):
    """Whom a setting asks in each review: the tutor and two further teachers unless it says so."""

    setting = models.OneToOneField(Setting, on_delete=models.PROTECT, related_name="+")
    tutor = models.BooleanField(default=True)
    teachers = models.PositiveSmallIntegerField("further teachers", default=2)
    family = models.BooleanField(default=True)
    specialists = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(teachers__lte=9), name="few_further_teachers")
        ]
