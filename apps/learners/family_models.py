"""A learner's family: who they are, what they may see, what the young person decided, and from
whom of them it is withheld where the learner is.
"""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.access.permissions import Right
from apps.accounts.models import User
from apps.common.models import Row

LEARNER = "learners.Learner"


class FamilyMember(Row):
    """A parent, carer or other adult of a learner, or the learner as reader of their own record.

    `may_see` is the holder's word; from 16 on the young person's counts too (`learners.deciding`).
    """

    class Relation(models.TextChoices):
        """Who they are to the learner."""

        MOTHER = "mother", "Mother"
        FATHER = "father", "Father"
        PARENT = "parent", "Parent"
        STEP_PARENT = "step-parent", "Step-parent"
        GRANDPARENT = "grandparent", "Grandparent"
        FOSTER_CARER = "foster carer", "Foster carer"
        GUARDIAN = "guardian", "Guardian"
        OTHER = "other", "Other adult"
        SELF = "self", "The young person"

    class Order(models.TextChoices):
        """The orders that say what an adult may do or know."""

        NONE = "", "No order"
        ARRANGEMENTS = "arrangements", "Child arrangements order"
        PROHIBITED_STEPS = "prohibited", "Prohibited steps order"
        SPECIFIC_ISSUE = "specific", "Specific issue order"
        NON_MOLESTATION = "protection", "Non-molestation or other protection order"
        GUARDIANSHIP = "guardianship", "Special guardianship order"
        CARE = "care", "Care or supervision order"
        OTHER = "other", "Another order"

    learner = models.ForeignKey(LEARNER, on_delete=models.CASCADE, related_name="family")
    user = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="family_of"
    )
    name = models.CharField(max_length=200)
    relation = models.CharField(max_length=12, choices=Relation.choices)
    parental_responsibility = models.BooleanField(default=False)
    basis = models.CharField("how the setting knows", max_length=200, blank=True)
    email = models.EmailField(blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    language = models.CharField(max_length=60, blank=True)
    order_kind = models.CharField("court order", max_length=12, choices=Order.choices, blank=True)
    order_seen = models.CharField("what was seen of the order", max_length=200, blank=True)
    order_from = models.DateField("the order is from", null=True, blank=True)
    order_to = models.DateField("the order ends on", null=True, blank=True)
    may_see = models.BooleanField("may see the record", default=False)
    why_not = models.CharField(max_length=300, blank=True)
    joined_on = models.DateField("first saw the record on", null=True, blank=True)
    access_from = models.DateField(null=True, blank=True)
    access_to = models.DateField(null=True, blank=True)
    look_again_on = models.DateField("suspended; look again on", null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "user"], condition=~Q(user=None), name="family_member_once"
            ),
            models.CheckConstraint(
                condition=Q(order_to=None) | Q(order_from=None) | Q(order_to__gt=F("order_from")),
                name="order_dates",
            ),
            models.CheckConstraint(
                condition=Q(order_kind="") | ~Q(order_seen=""), name="order_was_seen"
            ),
            models.CheckConstraint(
                condition=Q(look_again_on=None) | (Q(may_see=False) & ~Q(why_not="")),
                name="suspended_says_why",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def suspended(self) -> bool:
        """Whether access is suspended: somebody looks again on a day, and nothing reopens it."""
        return self.look_again_on is not None

    @property
    def ended(self) -> bool:
        """Whether access was ended, with a reason and no day to look again."""
        return bool(self.why_not) and not self.may_see and not self.suspended

    def order_ended(self, day: date) -> bool:
        """Whether there was an order, and its last day is past."""
        return bool(self.order_kind and self.order_to and self.order_to <= day)


class Decision(Row):
    """The question who may read a young person's record from 16 on, put or answered once.

    Rows are added and never changed; the newest answer counts (domain.md, *young person*). Its
    adults are in `DecisionAdult`.
    """

    class Answer(models.TextChoices):
        """What came of asking."""

        ASKED = "asked", "Asked, not answered yet"
        AGREES = "agrees", "Agrees"
        IN_PART = "in part", "Agrees in part"
        NOT = "not", "Does not agree"
        LACKS_CAPACITY = "capacity", "Lacks capacity for this decision"

    learner = models.ForeignKey(LEARNER, on_delete=models.CASCADE, related_name="decisions")
    answer = models.CharField(max_length=8, choices=Answer.choices)
    said_at = models.DateTimeField()
    said_on = models.DateField("the day of the answer")
    said_by_id = models.UUIDField(null=True)
    said_by = models.CharField("who wrote it down", max_length=200)
    in_own_name = models.BooleanField("the young person said it themself")
    assessed_by = models.CharField("who decided about capacity", max_length=200, blank=True)
    assessed_on = models.DateField("when capacity was decided", null=True, blank=True)
    assessed_how = models.CharField("how capacity was decided", max_length=500, blank=True)
    review_by = models.DateField("to be decided again by", null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    answer="capacity", assessed_on__isnull=False, review_by__gt=F("assessed_on")
                )
                & ~Q(assessed_by="")
                & ~Q(assessed_how="")
                & Q(in_own_name=False)
                | ~Q(answer="capacity")
                & Q(assessed_by="", assessed_how="", assessed_on=None, review_by=None),
                name="capacity_decided_whole",
            )
        ]
        indexes = [models.Index(fields=["learner", "-said_at"], name="decision_of_learner")]


class DecisionAdult(Row):
    """An adult whom an answer names: what they may do; a representative contributes."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="adults")
    learner = models.ForeignKey(LEARNER, on_delete=models.CASCADE, related_name="+")
    family_member = models.ForeignKey(FamilyMember, on_delete=models.PROTECT, related_name="+")
    access_right = models.CharField(
        max_length=10,
        choices=[(Right.READ.value, "Read"), (Right.CONTRIBUTE.value, "Read and say what helps")],
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["decision", "family_member"], name="adult_named_once_in_a_decision"
            )
        ]


class WithheldWhereabouts(Row):
    """From whom of the family it is withheld where the learner is: everyone not in `may_know`.

    True at once, until a person ends it; it is the learner's, so it stays when the record passes.
    `may_know` are keys of family members; `accepted` those of statements that name a place or a
    member of staff, which somebody read and found safe.
    """

    learner = models.ForeignKey(
        LEARNER, on_delete=models.CASCADE, related_name="withheld_whereabouts"
    )
    reason = models.CharField(max_length=500)
    may_know = ArrayField(models.UUIDField(), default=list)
    accepted = ArrayField(models.UUIDField(), default=list)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    set_by_id = models.UUIDField()
    set_by = models.CharField("who decided it", max_length=300)
    why_ended = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None, why_ended="")
                | (Q(ends_on__gte=F("starts_on")) & ~Q(why_ended="")),
                name="whereabouts_dates",
            ),
            models.UniqueConstraint(
                fields=["learner"], condition=Q(ends_on=None), name="whereabouts_withheld_once"
            ),
        ]
