"""A review's conversation with the family."""

from __future__ import annotations

from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.accounts.models import User
from apps.common import clock
from apps.common.models import Row
from apps.learners.models import Learner
from apps.settings.models import LocalArea, Setting


class Meeting(Row):
    """Times offered to adults of a family, the one that they chose, and what was agreed.

    Of the family, only those invited see it: parents who live apart can each have their own.
    """

    class State(models.TextChoices):
        """Where it stands."""

        OFFERED = "offered", "Times offered"
        BOOKED = "booked", "Booked"
        HELD = "held", "Held"
        DECLINED = "declined", "Declined"
        CALLED_OFF = "called off", "Called off"

    class How(models.TextChoices):
        """In what way they talk."""

        IN_PERSON = "in person", "In person"
        PHONE = "phone", "By phone"
        VIDEO = "video", "By video"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="meetings")
    review = models.ForeignKey(
        "reviews.Review", on_delete=models.PROTECT, null=True, related_name="meetings"
    )
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, null=True, related_name="+")
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OFFERED)
    invited = ArrayField(models.UUIDField(), verbose_name="members of the family")
    times = ArrayField(models.DateTimeField(), verbose_name="times offered")
    minutes = models.SmallIntegerField("how long, in minutes", default=30)
    how = models.CharField(max_length=9, choices=How.choices)
    where = models.CharField("room, number or link", max_length=200, blank=True)
    who = models.CharField("who comes besides", max_length=300, blank=True)
    interpreter = models.CharField("language of an interpreter", max_length=60, blank=True)
    starts_at = models.DateTimeField("the time chosen", null=True)
    chosen_by = models.CharField(max_length=200, blank=True)
    held_on = models.DateField(null=True)
    agreed = models.TextField("what was agreed", blank=True)
    why_not = models.CharField("why it was declined or called off", max_length=500, blank=True)
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    offered_by_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(setting__isnull=False) ^ Q(local_area__isnull=False),
                name="meeting_has_one_holder",
            ),
            models.CheckConstraint(
                condition=~Q(state="booked") | Q(starts_at__isnull=False),
                name="meeting_booked_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="held") | (Q(held_on__isnull=False) & ~Q(agreed="")),
                name="meeting_held_says_what_was_agreed",
            ),
        ]
        indexes = [
            models.Index(
                fields=["setting", "starts_at"],
                condition=Q(state__in=["offered", "booked"]),
                name="meeting_to_come",
            ),
            models.Index(fields=["learner", "-offered_at"], name="meeting_of_learner"),
        ]

    @property
    def is_to_come(self) -> bool:
        """Whether it is offered or booked."""
        return self.state in {self.State.OFFERED, self.State.BOOKED}

    @property
    def is_ahead(self) -> bool:
        """Whether it is to come, and the time, or the last of those offered, is not past."""
        last = self.starts_at or max(self.times)
        return self.is_to_come and last > clock.now()

    @property
    def holder_id(self) -> UUID:
        """The key of the setting or local area that offers it."""
        key = self.setting_id or self.local_area_id
        assert key
        return key
