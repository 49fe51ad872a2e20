"""Long work: one row for each piece that somebody asked for."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import User
from apps.common.models import Row
from apps.jobs import kinds
from apps.settings.models import Setting


class Job(Row):
    """Something that is done for many learners of a setting: the row is the worker's queue.

    `learner_ids` are those for whom it is done, in order, and the first `done` of them are dealt
    with; they are forgotten when it ends. `key` is a digest of what was asked: while a job runs,
    the same is not started again. A job with a `problem` ended before all was done.
    """

    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("code of `jobs.kinds`", max_length=20)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    learner_ids = ArrayField(models.UUIDField(), default=list)
    values = models.JSONField("what else its kind has to know", default=dict)
    key = models.CharField(max_length=64)
    total = models.IntegerField("learners")
    done = models.IntegerField("learners dealt with", default=0)
    came = models.IntegerField("what came of it, as its kind counts", default=0)
    attempts = models.SmallIntegerField("since something was done", default=0)
    ended_at = models.DateTimeField(null=True)
    problem = models.TextField("why it could not be finished", blank=True)
    seen_at = models.DateTimeField("its end was shown to whoever asked", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["setting", "kind", "key"],
                condition=Q(ended_at=None),
                name="the_same_job_runs_once",
            ),
            models.CheckConstraint(
                condition=Q(done__gte=0, done__lte=F("total")), name="job_done_of_total"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, problem="")
                | Q(ended_at__isnull=False) & (Q(done=F("total")) | ~Q(problem="")),
                name="job_ends_done_or_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["setting", "asked_by"], condition=Q(seen_at=None), name="jobs_to_show"
            )
        ]

    @property
    def doing(self) -> str:
        """What it does, in words: "Opening reviews"."""
        return kinds.named(self.kind).doing

    @property
    def said(self) -> str:
        """The sentence at its end."""
        return self.problem or kinds.named(self.kind).said(self.came, self.total)

    @property
    def leads_to(self) -> str:
        """The address of the page on which its result is."""
        return kinds.named(self.kind).leads_to
