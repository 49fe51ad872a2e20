"""A slip of the pen in what was signed, shown beside it for ever."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.common.models import Row


class Slip(Row):
    """What a signed statement should say: the text that was signed stays as it is.

    For a mistake in writing. What has changed is a matter of the next review; what the law says
    must go is a redaction.
    """

    learner = models.ForeignKey("learners.Learner", on_delete=models.PROTECT, related_name="+")
    statement = models.ForeignKey(
        "reviews.Statement", on_delete=models.PROTECT, related_name="slip_rows"
    )
    should_say = models.TextField()
    because = models.CharField(max_length=300)
    noted_by = models.CharField("name of whoever noted it", max_length=200)
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(should_say="") & ~Q(because=""), name="slip_says_what_and_why"
            )
        ]
        indexes = [models.Index(fields=["statement", "noted_at"], name="slips_of_statement")]
