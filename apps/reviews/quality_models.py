"""What somebody set aside of the help before sign-off, and why."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common.models import Row


class SetAside(Row):
    """A point of `quality.points` that whoever reviews sees otherwise; it holds for that review."""

    class Rule(models.TextChoices):
        """The plain rules of `quality`, each about one statement or draft."""

        OUTCOME = "outcome", "An outcome nobody could tell was met"
        FREQUENCY = "frequency", "A support that does not say how often"
        EVIDENCE = "evidence", "Evidence unchanged for three terms"
        JUMP = "jump", "A level moved two steps without new evidence"
        NO_SUPPORT = "no-support", "A need with no support"

    review = models.ForeignKey("reviews.Review", on_delete=models.CASCADE, related_name="set_aside")
    learner = models.ForeignKey("learners.Learner", on_delete=models.PROTECT, related_name="+")
    rule = models.CharField(max_length=10, choices=Rule.choices)
    subject_id = models.UUIDField("the statement or draft that it is about")
    reason = models.CharField(max_length=300)
    set_aside_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    set_aside_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "rule", "subject_id"], name="set_aside_once_a_review"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="set_aside_says_why"),
        ]
