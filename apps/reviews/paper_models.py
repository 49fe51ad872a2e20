"""Papers about a learner that were made to leave: what others were told, and by whom."""

from __future__ import annotations

from django.db import models

from apps.accounts.models import User
from apps.common.models import Row

LEARNER = "learners.Learner"


class PaperSent(Row):
    """That a paper was made for others; the paper itself is not kept, its digest is."""

    class Kind(models.TextChoices):
        """What it was made for."""

        EVIDENCE = "evidence", "Evidence for a request to others"
        EXAMS = "exams", "Normal way of working, for examinations"

    learner = models.ForeignKey(LEARNER, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    role = models.CharField("role of whoever made it", max_length=60)
    organisation = models.CharField("for which they acted", max_length=200)
    sha256 = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["learner", "-made_at"], name="papers_of_learner")]
