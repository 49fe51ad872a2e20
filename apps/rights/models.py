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


class RetentionChange(Row):
    """A holder keeps records longer or shorter than the schedule says; the newest counts."""

    organisation_id = models.UUIDField("the setting or local area")
    years = models.SmallIntegerField("years from birth")
    reason = models.CharField(max_length=300)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(years__gte=25, years__lte=100), name="retention_within_bounds"
            )
        ]
        indexes = [models.Index(fields=["organisation_id", "-made_at"], name="retention_newest")]


class LegalHold(Row):
    """Nothing of this learner is deleted, whatever is due, until a person ends this."""

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=500)
    look_again_on = models.DateField()
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    ended_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(ended_at=None, ended_by=None, ended_because="")
                | models.Q(ended_at__isnull=False, ended_by__isnull=False)
                & ~models.Q(ended_because=""),
                name="ended_hold_says_why",
            ),
            models.UniqueConstraint(
                fields=["learner"], condition=models.Q(ended_at=None), name="held_once"
            ),
        ]


class Disposal(Row):
    """A record whose time has come: found by the sweep, decided by two people, done by the worker.

    The row is the worker's queue. It goes with the record, and a tombstone stays.
    """

    class State(models.TextChoices):
        """From due to gone."""

        DUE = "due", "Due"
        PROPOSED = "proposed", "Waiting for a second person"
        AGREED = "agreed", "Being deleted"
        STUCK = "stuck", "Could not be deleted"

    learner = models.OneToOneField(Learner, on_delete=models.PROTECT, related_name="+")
    holder_id = models.UUIDField("the setting or local area that decides")
    due_on = models.DateField()
    years = models.SmallIntegerField("years from birth after which it is due")
    found_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.DUE)
    decision = models.OneToOneField(
        Decision, on_delete=models.PROTECT, null=True, related_name="disposal"
    )
    not_before = models.DateField("postponed until", null=True)
    postponed_because = models.CharField(max_length=500, blank=True)
    attempts = models.SmallIntegerField(default=0)
    last_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="due") | models.Q(decision__isnull=False),
                name="disposal_is_decided",
            )
        ]
        indexes = [models.Index(fields=["holder_id", "state"], name="disposals_of_holder")]


class Tombstone(Row):
    """That a record was deleted, when, why and by whom: nobody's name who was in it, no number.

    `digest` is that of the last review's record, so that a copy kept elsewhere can be recognised.
    """

    learner_key = models.UUIDField("the key that the learner had", unique=True)
    holder_id = models.UUIDField()
    classes = models.JSONField("classes of the schedule, and how many rows of each table")
    why = models.CharField(max_length=300)
    proposed_by = models.CharField(max_length=200)
    decided_by = models.CharField(max_length=200)
    deleted_at = models.DateTimeField()
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["holder_id", "-deleted_at"], name="tombstones_of_holder")]
