"""Records that are closed, and adoptions that wait for a second person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common.models import Row
from apps.learners.models import Learner
from apps.settings.models import Setting


class Closure(Row):
    """The closing of a learner's record, which a second person can undo.

    `changed` is what the closing changed, row by row, so that undoing restores it exactly
    (`lives.changes`). `into` is the learner whose record goes on, where two were joined. While a
    closure is not undone, `Learner.closed_because` says the same: a deferred trigger sees to it.
    """

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="closures")
    because = models.CharField(
        max_length=6, choices=[c for c in Learner.Closed.choices if c[0] in {"died", "joined"}]
    )
    into = models.ForeignKey(
        Learner, on_delete=models.PROTECT, null=True, related_name="joined_records"
    )
    known_as = models.CharField("the name on the closed record", max_length=220)
    name_key = models.CharField(max_length=220, editable=False)
    born = models.DateField("the date of birth on the closed record")
    why = models.CharField("who told us, or how we know", max_length=500)
    held_by = models.UUIDField("the setting or local area that held the record")
    changed = models.JSONField(default=list)
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    closed_by_name = models.CharField(max_length=200)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    undone_by_name = models.CharField(max_length=200, blank=True)
    undone_why = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner"], condition=Q(undone_at=None), name="closed_once_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(because="joined", into__isnull=False) & ~Q(into=models.F("learner"))
                | Q(because="died", into=None),
                name="joined_into_another",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None, undone_by=None)
                | Q(undone_at__isnull=False, undone_by__isnull=False)
                & ~Q(undone_by=models.F("closed_by"), because="died"),
                name="a_death_is_undone_by_somebody_else",
            ),
        ]
        indexes = [
            models.Index(fields=["into"], condition=Q(undone_at=None), name="joined_into_learner")
        ]

    def __str__(self) -> str:
        return f"{self.known_as}, {self.get_because_display().lower()}"


class Adoption(Row):
    """A child is adopted: one person proposes the new identity, a second one decides.

    While it waits it is the one place that has both identities, and only those who may decide see
    it. Once it is carried out the row is gone: the link is kept where the application cannot read
    it (`lives_adoptionlink`, of the audit's role). `values` are fields of Learner; `statements`
    those of the first review's drafts.
    """

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    values = models.JSONField()
    statements = models.JSONField(default=list)
    to_setting = models.ForeignKey(Setting, on_delete=models.PROTECT, related_name="+")
    year_group = models.SmallIntegerField()
    starts_on = models.DateField("since when the child learns there under the new name")
    because = models.CharField("the order that was seen", max_length=300)
    held_by = models.UUIDField("the setting or local area that held the record")
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_by_name = models.CharField(max_length=200)
    proposed_at = models.DateTimeField()
    declined_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    declined_at = models.DateTimeField(null=True)
    declined_because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner"], condition=Q(declined_at=None), name="one_adoption_waits"
            ),
        ]
