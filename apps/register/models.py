"""The additional-needs register: each setting's list, with the levels in force on it."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce

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
                condition=Q(has_plan=True) | Q(highest_rank__gt=0) | Q(ends_on__isnull=False),
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
