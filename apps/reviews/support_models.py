"""What is said of one support: whether it happens, and how it works in a class."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common.models import Row
from apps.common.terms import Term
from apps.learners.models import Learner
from apps.reviews.voice_models import Contribution


class SupportCheck(Row):
    """Whether a support in force happens, said once a half term by an adult who gives it.

    A later tap takes the place of an earlier one of the same half term; history keeps both.
    """

    class Answer(models.TextChoices):
        """The answers, one tap each."""

        AS_PLANNED = "as planned", "As planned"
        PARTLY = "partly", "Partly"
        NOT = "not", "Not happening"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    statement = models.ForeignKey(
        "reviews.Statement", on_delete=models.PROTECT, related_name="checks"
    )
    year = models.SmallIntegerField("academic year, by the calendar year it starts in")
    term = models.CharField(max_length=6, choices=[(t.value, t.value.title()) for t in Term])
    half = models.SmallIntegerField("1 before half term, 2 after it")
    answer = models.CharField(max_length=10, choices=Answer.choices)
    why = models.CharField(max_length=300, blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    author_name = models.CharField(max_length=200)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["statement", "year", "term", "half"], name="checked_once_a_half_term"
            ),
            models.CheckConstraint(condition=Q(half__in=[1, 2]), name="check_of_a_half_term"),
            models.CheckConstraint(
                condition=Q(answer="as planned") | ~Q(why=""), name="not_as_planned_says_why"
            ),
        ]
        indexes = [models.Index(fields=["learner", "-said_at"], name="check_of_learner")]

    @property
    def happens(self) -> bool:
        """Whether it happens as planned."""
        return self.answer == self.Answer.AS_PLANNED


class SupportSeen(Row):
    """How one support works, as a teacher sees it: part of what they say for a review."""

    class Mark(models.TextChoices):
        """The answers of a class round."""

        WORKS = "works", "Works"
        PARTLY = "partly", "Partly"
        NOT_SEEN = "not seen", "Not seen"
        NOT_WORKING = "not working", "Not working"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    contribution = models.ForeignKey(
        Contribution, on_delete=models.PROTECT, related_name="supports"
    )
    statement = models.ForeignKey("reviews.Statement", on_delete=models.PROTECT, related_name="+")
    mark = models.CharField(max_length=11, choices=Mark.choices)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contribution", "statement"], name="support_seen_once_in_a_contribution"
            ),
            models.CheckConstraint(
                condition=Q(mark__in=["works", "not seen"]) | ~Q(note=""),
                name="not_as_expected_says_what",
            ),
        ]
        indexes = [models.Index(fields=["statement"], name="seen_of_statement")]
