"""A teacher's or parent's early worry."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common.models import Row
from apps.learners.models import Learner
from apps.settings.models import Setting


class Noticing(Row):
    """What somebody noticed, and what came of it: class support, an entry, or nothing more.

    The setting's own, whose SENCO reads it; and theirs who noticed. Never the local area's, nor
    another of the family's. It needs no register entry and makes none.
    """

    class Voice(models.TextChoices):
        """Who noticed."""

        STAFF = "staff", "Teacher or support staff"
        FAMILY = "family", "Family"

    class FamilyKnows(models.TextChoices):
        """What a teacher says of the family."""

        YES = "yes", "Yes, we have talked"
        NOT_YET = "not yet", "Not yet"
        THEY_SAID = "they said", "They brought it up"

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", "New"
        CLASS_SUPPORT = "class support", "Support in class"
        ENTRY = "entry", "On the register"
        CLOSED = "closed", "Closed"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="noticings")
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, related_name="+")
    voice = models.CharField("who noticed", max_length=6, choices=Voice.choices)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    author_name = models.CharField(max_length=200)
    seen = models.TextField("what was seen")
    tried = models.TextField("what was tried", blank=True)
    family_knows = models.CharField(max_length=9, choices=FamilyKnows.choices, blank=True)
    noticed_at = models.DateTimeField()
    state = models.CharField(max_length=13, choices=State.choices, default=State.OPEN)
    support = models.TextField("support in class", blank=True)
    look_again_on = models.DateField(null=True)
    reason = models.CharField("why it was closed", max_length=500, blank=True)
    answer = models.TextField("what whoever noticed was told", blank=True)
    review = models.ForeignKey(
        "reviews.Review", on_delete=models.PROTECT, null=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(seen=""), name="noticing_says_what_was_seen"),
            models.CheckConstraint(
                condition=Q(state="open", settled_at=None)
                | (~Q(state="open") & Q(settled_at__isnull=False) & ~Q(answer="")),
                name="noticing_is_answered",
            ),
            models.CheckConstraint(
                condition=~Q(state="class support")
                | (~Q(support="") & Q(look_again_on__isnull=False)),
                name="class_support_is_looked_at_again",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | ~Q(reason=""), name="noticing_closed_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["setting"],
                condition=Q(state__in=["open", "class support"]),
                name="noticing_waiting",
            )
        ]

    @property
    def waits(self) -> bool:
        """Whether something more can come of it."""
        return self.state in {self.State.OPEN, self.State.CLASS_SUPPORT}
