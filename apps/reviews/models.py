"""The Learner Record: its reviews, the statements in force, and the voices around them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import F, Q

from apps.accounts.models import User
from apps.common.models import Row
from apps.common.terms import Term
from apps.framework.models import Area, FrameworkVersion, Level
from apps.learners.models import Learner
from apps.register.models import RegisterEntry
from apps.reviews.asking_models import Ask, AskingChoice
from apps.reviews.meeting_models import Meeting
from apps.reviews.noticing_models import Noticing
from apps.reviews.paper_models import PaperSent
from apps.reviews.quality_models import SetAside
from apps.reviews.slip_models import Slip
from apps.reviews.support_models import SupportCheck, SupportSeen
from apps.reviews.voice_models import Acknowledgement, AskedFirst, Contribution
from apps.settings.models import LocalArea, Setting

__all__ = [
    "Acknowledgement",
    "Ask",
    "AskedFirst",
    "AskingChoice",
    "Audience",
    "Contribution",
    "DraftChange",
    "Kind",
    "LearnerRecord",
    "Meeting",
    "Noticing",
    "PaperSent",
    "Phrase",
    "Progress",
    "Review",
    "SetAside",
    "Slip",
    "Statement",
    "StillTrue",
    "SupportCheck",
    "SupportSeen",
    "as_read",
]


class LearnerRecord(Row):
    """One per learner, for their whole education."""

    learner = models.OneToOneField(Learner, on_delete=models.PROTECT, related_name="record")
    started_on = models.DateField()
    last_number = models.IntegerField("number of the last signed-off review", default=0)


class Review(Row):
    """An update of the record: open, then signed off for ever, or lapsed."""

    class Kind(models.TextChoices):
        """Why the record was looked at."""

        ENTRY = "entry", "Entry"
        FIRST = "first", "First review"
        TERMLY = "termly", "Termly review"
        INTERIM = "interim", "Interim review"

    class State(models.TextChoices):
        """Stored states; due, in progress and awaiting views are computed."""

        OPEN = "open", "Open"
        SIGNED_OFF = "signed off", "Signed off"
        LAPSED = "lapsed", "Not completed this term"

    record = models.ForeignKey(LearnerRecord, on_delete=models.PROTECT, related_name="reviews")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="reviews")
    entry = models.ForeignKey(RegisterEntry, on_delete=models.PROTECT, null=True)
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, null=True)
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT, null=True)
    framework = models.ForeignKey(FrameworkVersion, on_delete=models.PROTECT)
    number = models.IntegerField(null=True)
    kind = models.CharField(max_length=7, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    year = models.SmallIntegerField("academic year, by the calendar year it starts in")
    term = models.CharField(max_length=6, choices=[(t.value, t.value.title()) for t in Term])
    due_on = models.DateField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    signed_off_at = models.DateTimeField(null=True)
    signed_off_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    signed_off_name = models.CharField(max_length=200, blank=True)
    conversation_on = models.DateField(null=True)
    no_conversation_because = models.CharField(max_length=300, blank=True)
    nothing_changed = models.BooleanField(default=False)
    canonical = models.TextField("the record as signed off, RFC 8785", blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["record"], condition=Q(state="open"), name="one_open_review_per_record"
            ),
            models.UniqueConstraint(
                fields=["record", "year", "term"],
                condition=Q(kind="termly") & ~Q(state="lapsed"),
                name="one_termly_review_per_term",
            ),
            models.UniqueConstraint(fields=["record", "number"], name="review_number_once"),
            models.CheckConstraint(
                condition=Q(
                    state="signed off",
                    number__isnull=False,
                    signed_off_at__isnull=False,
                    sha256__regex=r"^[0-9a-f]{64}$",
                )
                | (~Q(state="signed off") & Q(number=None, signed_off_at=None, sha256="")),
                name="review_signed_off_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["setting", "state", "due_on"], name="review_due"),
            # Every line of a register asks for its learner's open review.
            models.Index(
                fields=["learner"],
                include=["due_on", "kind"],
                condition=Q(state="open"),
                name="open_review_of_learner",
            ),
        ]


class Kind(models.TextChoices):
    """What a statement says; the kinds are fixed, their layout is not."""

    STRENGTH = "strength", "What I can do"
    ASPIRATION = "aspiration", "What I hope for"
    NEED = "need", "Need"
    HARDER = "harder", "What makes it harder for me"
    SUPPORT = "support", "Support"
    ADAPTATION = "adaptation", "Adaptation"
    OUTCOME = "outcome", "Outcome"

    @property
    def heading(self) -> str:
        """What several of them are headed by."""
        several = {Kind.ADAPTATION: "Adaptations", Kind.OUTCOME: "Outcomes"}
        return several.get(self, str(self.label))


class Audience(models.TextChoices):
    """Who reads a statement."""

    EVERYONE = "everyone", "Everyone with access"
    STAFF = "staff", "Staff only"


class Statement(Row):
    """One thing that the record says, from the review that brought it to the one that ended it.

    In force at review n when introduced_no <= n and n < withdrawn_no, where there is one.
    `details` by kind: need {"evidence": [{"what", "where", "when", "by"}]}; support {"how_often",
    "minutes", "sessions_a_week", "group_size", "by_whom", "cost" (pounds a year), "guide"}; outcome
    {"baseline", "target", "by_when"}; adaptation {"for_now": bool}. A support and an outcome name
    their area where they are for one.
    """

    record = models.ForeignKey(LearnerRecord, on_delete=models.PROTECT, related_name="statements")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="statements")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, null=True)
    level = models.ForeignKey(Level, on_delete=models.PROTECT, null=True)
    text = models.TextField()
    details = models.JSONField(default=dict)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.EVERYONE)
    audience_reason = models.CharField(max_length=200, blank=True)
    order = models.SmallIntegerField(default=0)
    introduced_no = models.IntegerField()
    withdrawn_no = models.IntegerField(null=True)
    replaces = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="replaced_by"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="need", area__isnull=False, level__isnull=False)
                | (~Q(kind="need") & Q(level=None)),
                name="need_has_area_and_level",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_no=None) | Q(withdrawn_no__gt=F("introduced_no")),
                name="statement_in_force_some_time",
            ),
            models.CheckConstraint(
                condition=Q(audience="everyone") | ~Q(audience_reason=""),
                name="staff_only_has_a_reason",
            ),
            models.UniqueConstraint(
                fields=["record", "area"],
                condition=Q(kind="need", withdrawn_no=None),
                name="one_need_in_force_per_area",
            ),
        ]
        indexes = [
            models.Index(fields=["record", "introduced_no"], name="statement_of_record"),
        ]

    @property
    def key(self) -> str:
        """The key as canonical records write it."""
        return str(self.id)

    def stood_at(self, number: int) -> bool:
        """Whether it was in force at review `number`."""
        ended = self.withdrawn_no is not None and self.withdrawn_no <= number
        return self.introduced_no <= number and not ended


def as_read(statements: Iterable[Statement]) -> list[Statement]:
    """Statements by kind, in the order in which a record is read."""
    kinds = Kind.values
    return sorted(statements, key=lambda s: (kinds.index(s.kind), s.order, s.id))


class DraftChange(Row):
    """A change that an open review will make at sign-off; seen only by those who may review.

    `values` holds what a Statement would: kind, area (code), level (code), text, details, audience,
    audience_reason, order. `version` is the review's when it was saved: whoever saw the place
    before then is late.
    """

    class Change(models.TextChoices):
        """What happens to the statements in force."""

        ADD = "add", "Add"
        REPLACE = "replace", "Replace"
        WITHDRAW = "withdraw", "Withdraw"
        ORDER = "order", "Read earlier or later"

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="changes")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT)
    change = models.CharField(max_length=8, choices=Change.choices)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, null=True)
    values = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "statement"],
                condition=~Q(statement=None),
                name="one_change_per_statement",
            ),
            models.CheckConstraint(
                condition=Q(change="add", statement=None)
                | (~Q(change="add") & Q(statement__isnull=False)),
                name="change_of_a_statement",
            ),
        ]


class StillTrue(Row):
    """Somebody looked, at a review, and says that what is in force is still so.

    Of one statement, of all of a `kind`, or of everything: an unchanged record costs one row.
    """

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="still_true")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, null=True)
    kind = models.CharField(max_length=10, choices=Kind.choices, blank=True)
    said_by = models.CharField("name of whoever said so", max_length=200)
    said_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["review", "statement", "kind"],
                nulls_distinct=False,
                name="still_true_once",
            ),
            models.CheckConstraint(
                condition=Q(statement=None) | Q(kind=""), name="still_true_of_one_thing"
            ),
        ]


class Phrase(Row):
    """Words that a setting likes to use again; they name no learner."""

    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, related_name="phrases")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    text = models.CharField(max_length=500)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["setting", "kind", "text"], name="phrase_once")
        ]


class Progress(Row):
    """How far an outcome got, said at a review; `version` as for a draft change."""

    class Mark(models.TextChoices):
        """The answers, in neutral words."""

        ACHIEVED = "achieved", "Achieved"
        ON_TRACK = "on track", "On track"
        SOME = "some", "Some progress"
        NOT_YET = "not yet", "Not yet"
        NOT_KNOWN = "not known", "Not known"

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="progress")
    learner = models.ForeignKey(Learner, on_delete=models.PROTECT)
    outcome = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="progress")
    mark = models.CharField(max_length=9, choices=Mark.choices)
    note = models.CharField(max_length=500, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "outcome"], name="progress_once_a_review"),
            models.CheckConstraint(
                condition=~Q(mark="not known") | ~Q(note=""), name="not_known_says_why"
            ),
        ]
