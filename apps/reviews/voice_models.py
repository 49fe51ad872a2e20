"""The voices around a record: what people say, what may be shown, whether the family agrees."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common.models import Row
from apps.learners.models import FamilyMember, Learner

REVIEW = "reviews.Review"


class Contribution(Row):
    """What a learner, family member or member of staff says, in their own words."""

    class Voice(models.TextChoices):
        """Whose voice it is."""

        LEARNER = "learner", "Learner"
        FAMILY = "family", "Family"
        TEACHER = "teacher", "Teacher or support staff"
        SPECIALIST = "specialist", "Specialist"

    class CameBy(models.TextChoices):
        """How it came, where its author did not write it here themself, signed in."""

        SIGNED_IN = "", "Written here"
        LINK = "link", "By a link"
        PICTURES = "pictures", "With pictures"
        SPOKEN = "spoken", "Spoken"
        PAPER = "paper", "On paper"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="contributions")
    review = models.ForeignKey(
        REVIEW, on_delete=models.PROTECT, null=True, related_name="contributions"
    )
    voice = models.CharField(max_length=10, choices=Voice.choices)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    author_name = models.CharField(max_length=200)
    family_member = models.ForeignKey(FamilyMember, on_delete=models.PROTECT, null=True)
    going_well = models.TextField(blank=True)
    harder = models.TextField(blank=True)
    would_help = models.TextField(blank=True)
    on_support = models.BooleanField("says how supports work", default=False)
    came_by = models.CharField(max_length=8, choices=CameBy.choices, blank=True)
    written_down_by = models.CharField("who wrote it down for them", max_length=200, blank=True)
    said_at = models.DateTimeField()
    others_may_see = models.BooleanField("other adults of the family may see it", default=False)
    not_my_parents = models.BooleanField(default=False)
    ask_me_first = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(going_well="", harder="", would_help="", on_support=False),
                name="contribution_says_something",
            ),
            models.CheckConstraint(
                condition=Q(came_by__in=["pictures", "spoken", "paper"]) & ~Q(written_down_by="")
                | Q(came_by__in=["", "link"], written_down_by=""),
                name="written_down_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["learner", "-said_at"], name="contribution_of_learner")]


class AskedFirst(Row):
    """That the author of an *ask me first* contribution was asked, and what they said.

    Until they say yes, only those who work with the learner read it; they can say otherwise later.
    """

    contribution = models.OneToOneField(
        Contribution, on_delete=models.PROTECT, related_name="asked_first"
    )
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    author_id = models.UUIDField("who said it")
    asked_by = models.CharField(max_length=200)
    asked_at = models.DateTimeField()
    may_show = models.BooleanField(null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(may_show=None, answered_at=None)
                | Q(may_show__isnull=False, answered_at__isnull=False),
                name="asked_first_answered_whole",
            )
        ]


class Acknowledgement(Row):
    """A family member or young person has seen a signed-off review, and agrees or not."""

    review = models.ForeignKey(REVIEW, on_delete=models.PROTECT, related_name="acknowledgements")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT)
    family_member = models.ForeignKey(FamilyMember, on_delete=models.PROTECT)
    agrees = models.BooleanField()
    says = models.TextField(blank=True)
    said_at = models.DateTimeField()
    reply_due_on = models.DateField(null=True)
    reply = models.TextField(blank=True)
    replied_at = models.DateTimeField(null=True)
    replied_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "family_member"], name="acknowledged_once"),
            models.CheckConstraint(
                condition=Q(agrees=True) | (~Q(says="") & Q(reply_due_on__isnull=False)),
                name="disagreement_says_why",
            ),
        ]
