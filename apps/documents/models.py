"""Files about a learner. What a file says is in the store; the row says what and whose it is."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common.models import Row
from apps.formats.files import FORMS
from apps.learners.models import Learner


class Document(Row):
    """A file attached to a learner's record, or to one of its reviews.

    The content is in `store` under its digest. A withdrawn one is read by nobody any more: its file
    is deleted a month later, and the row stays. One that was handed over stays what it was there,
    file and all, unless it was withdrawn everywhere.
    """

    class Audience(models.TextChoices):
        """Who reads it: as with statements, or of a family's, as with what family say."""

        EVERYONE = "everyone", "Everyone with access"
        STAFF = "staff", "Staff only"
        SENDER = "sender", "Whoever added it, and those who work with the learner"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="documents")
    review_id = models.UUIDField("the review that it belongs to", null=True)
    title = models.CharField("what it is", max_length=120)
    file_name = models.CharField("what the file was called", max_length=120)
    content_type = models.CharField(
        max_length=80, choices=[(form.content_type, form.name) for form in FORMS.values()]
    )
    size = models.IntegerField("bytes")
    sha256 = models.CharField(max_length=64)
    scanned = models.BooleanField("looked at for viruses when it was added")
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.EVERYONE)
    audience_reason = models.CharField("why for staff only", max_length=200, blank=True)
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    from_family = models.BooleanField("added by family or young person", default=False)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    withdrawn_because = models.CharField("why withdrawn", max_length=300, blank=True)
    handed_over_at = models.DateTimeField("when it first went into a package", null=True)
    withdrawn_everywhere = models.BooleanField(
        "withdrawn from what was handed over too", default=False
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(audience="staff") | ~Q(audience_reason=""),
                name="staff_only_document_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(from_family=True) & ~Q(audience="staff")
                | Q(from_family=False) & ~Q(audience="sender"),
                name="document_audience_of_its_sender",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None, withdrawn_because="")
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False)
                & ~Q(withdrawn_because=""),
                name="withdrawn_document_says_why",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_everywhere=False) | Q(withdrawn_at__isnull=False),
                name="withdrawn_everywhere_is_withdrawn",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="document_has_a_digest"
            ),
        ]
        indexes = [
            models.Index(fields=["learner", "-added_at"], name="documents_of_learner"),
            models.Index(fields=["sha256"], name="documents_with_content"),
        ]

    def __str__(self) -> str:
        return self.title
