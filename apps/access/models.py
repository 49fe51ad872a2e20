"""Who has which role where, and who is invited."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import Q
from oauth2_provider.models import Application

from apps.access import roles
from apps.accounts.models import User
from apps.common.models import Row
from apps.settings.models import DateRange, LocalArea, Setting, honest_dates


class Membership(Row):
    """A person holds a role at a setting, a local area or the service, from a day to a day.

    `group_ids` are the teaching groups through which a teacher sees learners; with
    `whole_setting` they see all of the setting's.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=roles.choices())
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, null=True, blank=True)
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT, null=True, blank=True)
    group_ids = ArrayField(models.UUIDField(), default=list)
    whole_setting = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            honest_dates("membership_dates"),
            models.CheckConstraint(
                condition=(
                    Q(role__in=[c for c, _ in roles.choices("setting")])
                    & Q(setting__isnull=False, local_area=None)
                )
                | (
                    Q(role__in=[c for c, _ in roles.choices("local_area")])
                    & Q(setting=None, local_area__isnull=False)
                )
                | (
                    Q(role__in=[c for c, _ in roles.choices("service")])
                    & Q(setting=None, local_area=None)
                ),
                name="membership_where_the_role_is_held",
            ),
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=[
                    ("user", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (DateRange(), RangeOperators.OVERLAPS),
                    ("setting", RangeOperators.EQUAL),
                ],
                condition=Q(setting__isnull=False),
            ),
        ]


class ApiClient(Row):
    """A system connected to the API: the most that its tokens may be used for."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=30))
    ended_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class ApiClientGrant(Row):
    """An organisation for which a connected system acts, from a day to a day."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="grants")
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, null=True, blank=True)
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT, null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            honest_dates("client_grant_dates"),
            models.CheckConstraint(
                condition=Q(setting__isnull=False, local_area=None)
                | Q(setting=None, local_area__isnull=False),
                name="client_grant_setting_or_area",
            ),
        ]

    @property
    def last_day(self) -> date | None:
        """The last day on which it acts there, where that is set."""
        return self.ends_on and self.ends_on - timedelta(days=1)


class Invitation(Row):
    """A one-time code by which somebody joins: as staff with a role, or as family of a learner.

    The code is given in person or by post and kept only as a digest. `family_member_id` is the key
    of the family member it is for (a table above this app).
    """

    email = models.EmailField()
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=20, choices=roles.choices(), blank=True)
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, null=True)
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT, null=True)
    starts_on = models.DateField("the role begins on", null=True)
    ends_on = models.DateField("the day after the role's last", null=True)
    family_member_id = models.UUIDField(null=True)
    learner_id = models.UUIDField(null=True)
    code_digest = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    attempts = models.SmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(role="", family_member_id__isnull=False, learner_id__isnull=False)
                | (~Q(role="") & Q(family_member_id=None, learner_id=None)),
                name="invitation_staff_or_family",
            )
        ]
