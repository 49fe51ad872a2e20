"""The additional-needs register: each setting's list, with the levels in force on it."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

from apps.accounts.models import User
from apps.common.models import Row
from apps.framework.models import FrameworkVersion
from apps.learners.models import Learner
from apps.settings.models import DateRange, LocalArea, Setting


class RegisterEntry(Row):
    """A learner on the register of a setting, or on the list of a local area that holds the record.

    `levels` maps area code → {"level": level code, "rank": rank}, so that a register is one indexed
    read; `highest_rank` only sorts. Rule 3 of domain.md says when an entry exists.
    """

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="entries")
    setting = models.ForeignKey(
        Setting, on_delete=models.PROTECT, null=True, blank=True, related_name="entries"
    )
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT, null=True, blank=True)
    framework = models.ForeignKey(FrameworkVersion, on_delete=models.PROTECT)
    also_here = models.BooleanField("listed, but another setting holds the record", default=False)
    levels = models.JSONField(default=dict)
    highest_rank = models.SmallIntegerField(default=0)
    has_plan = models.BooleanField("has an EHC plan", default=False)
    brought_over = models.BooleanField("from an existing list, no level chosen yet", default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    leaving_reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=models.F("starts_on")),
                name="register_entry_dates",
            ),
            models.CheckConstraint(
                condition=Q(setting__isnull=False, local_area=None)
                | Q(setting=None, local_area__isnull=False),
                name="register_entry_setting_or_area",
            ),
            models.CheckConstraint(
                condition=Q(has_plan=True)
                | Q(highest_rank__gt=0)
                | Q(brought_over=True)
                | Q(ends_on__isnull=False),
                name="register_entry_has_a_reason",
            ),
            ExclusionConstraint(
                name="on_a_register_once",
                expressions=[
                    ("learner", RangeOperators.EQUAL),
                    (Coalesce("setting", "local_area"), RangeOperators.EQUAL),
                    (DateRange(), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [
            models.Index(
                fields=["setting", "learner"], condition=Q(ends_on=None), name="current_register"
            ),
        ]


class BroughtOver(Row):
    """What a setting's existing list said of a learner, until somebody chooses a level.

    While it waits it is a reason to be on the register (domain.md, rule 3); it ends when a level is
    chosen, when the learner is left off, or by itself on `lapses_on`, the first day of the term
    after next. `said` is {"need": words, "type": census type of need, "supports": [words]}; `area`
    is the code of the area that the list suggests, if it does. `setting` is whose list it was: it
    stays when the record passes, and whoever holds the record then chooses the level.
    """

    class Ended(models.TextChoices):
        """What came of it."""

        ENTERED = "entered", "A level was chosen"
        LEFT_OFF = "left off", "Left off the register"
        LAPSED = "lapsed", "Nobody chose a level in time"

    learner = models.ForeignKey(Learner, on_delete=models.PROTECT, related_name="brought_over")
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, related_name="+")
    said = models.JSONField()
    area = models.CharField(max_length=60, blank=True)
    brought_by = models.CharField(max_length=200)
    brought_at = models.DateTimeField()
    lapses_on = models.DateField()
    ended = models.CharField(max_length=8, choices=Ended.choices, blank=True)
    ended_on = models.DateField(null=True)
    why_left_off = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner"], condition=Q(ended_on=None), name="brought_over_once"
            ),
            models.CheckConstraint(
                condition=Q(ended="", ended_on=None) | (~Q(ended="") & Q(ended_on__isnull=False)),
                name="brought_over_ended_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["setting", "learner"], condition=Q(ended_on=None), name="waits_for_a_level"
            ),
        ]


class SavedView(Row):
    """A register as one person likes to see it: filters, order and columns under a name."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    setting = models.ForeignKey(Setting, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    query = models.CharField("the address's query, which names nobody", max_length=500)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "setting", "name"], name="saved_view_once")
        ]
