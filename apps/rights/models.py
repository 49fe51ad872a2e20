"""Copies of everything about a learner, and acts that take two people."""

from __future__ import annotations

from django.db import models

from apps.accounts.models import User
from apps.common.models import Row
from apps.learners.models import Learner


class Export(Row):
    """A copy for whoever asked (UK GDPR, article 15): the row is the worker's queue.

    `content` is the ZIP, forgotten on `expires_on`; that and for whom it was made stay.
    """

    class State(models.TextChoices):
        """From the request to the copy."""

        QUEUED = "queued", "Being made"
        MADE = "made", "Ready"
        FAILED = "failed", "Could not be made"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    holder_id = models.UUIDField("the setting or local area that holds the record and was asked")
    copy_for = models.CharField("who asked", max_length=200)
    identity = models.CharField("how their identity and right were checked", max_length=300)
    # Null where nothing was withheld when the copy was asked for.
    may_know_where = models.BooleanField("may know where the learner is", null=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State.choices, default=State.QUEUED)
    attempts = models.SmallIntegerField(default=0)
    made_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    content = models.BinaryField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["asked_at"], condition=models.Q(state="queued"), name="exports_due"
            )
        ]


class Decision(Row):
    """An act that takes two people: one proposes it, another one decides, each having shown again
    who they are.

    What it is about has a row of its own that points here. The database holds the rule too: whoever
    decides is somebody else, with a role at the holder that lets them.
    """

    class Kind(models.TextChoices):
        """What is decided. A new kind needs nothing here but its name."""

        REDACTION = "redaction", "Redact words"
        DISPOSAL = "disposal", "Delete a record"

    class State(models.TextChoices):
        """From the proposal to the answer."""

        WAITING = "waiting", "Waiting for a second person"
        AGREED = "agreed", "Agreed"
        DECLINED = "declined", "Declined"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    holder_id = models.UUIDField("the setting or local area that holds the record")
    because = models.CharField("why it was proposed", max_length=500)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    declined_because = models.CharField("why it was declined", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("proposed_by")), name="decided_by_another"
            ),
            models.CheckConstraint(
                condition=models.Q(state="waiting", decided_by=None, decided_at=None)
                | models.Q(
                    ~models.Q(state="waiting"), decided_by__isnull=False, decided_at__isnull=False
                ),
                name="decision_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="declined") | ~models.Q(declined_because=""),
                name="declined_says_why",
            ),
        ]
        indexes = [
            models.Index(
                fields=["holder_id"],
                condition=models.Q(state="waiting"),
                name="decisions_waiting",
            )
        ]


class Redaction(Row):
    """Words that the law says must go from a learner's record, wherever they stand in it.

    `words` are forgotten here once they are sealed, or the proposal is declined. What they were is
    then read by the audit role alone, for a court.
    """

    class Ground(models.TextChoices):
        """Why the law says so."""

        RECTIFICATION = "rectification", "It was wrong, and has to be put right"
        ADOPTION = "adoption", "Adoption"
        FORMER_NAME = "former name", "A former name"
        ANOTHER_CHILD = "another child", "It names another child"
        COURT_ORDER = "court order", "A court ordered it"

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="redaction")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    ground = models.CharField(max_length=13, choices=Ground.choices)
    words = models.TextField("the words to be redacted", blank=True)
    done_at = models.DateTimeField(null=True)


class Resealed(Row):
    """A place where words were redacted; where it had a digest, the first and the new one."""

    redaction = models.ForeignKey(Redaction, on_delete=models.PROTECT, related_name="places")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    table_name = models.CharField(max_length=63)
    row_id = models.UUIDField()
    at = models.DateTimeField()
    first_sha256 = models.CharField("digest as signed or sent", max_length=64, blank=True)
    sha256 = models.CharField("digest since", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["redaction", "table_name", "row_id"], name="resealed_once"
            )
        ]
        indexes = [models.Index(fields=["learner", "row_id"], name="resealed_of_learner")]
