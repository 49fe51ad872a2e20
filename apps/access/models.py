"""Who has which role where, and who is invited."""

from __future__ import annotations

from datetime import date, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q
from oauth2_provider.models import Application

from apps.access import roles
from apps.accounts.models import User
from apps.common.models import Row
from apps.settings.models import DateRange, LocalArea, Setting, SettingGroup, honest_dates


def _codes(held_at: str) -> list[str]:
    return [code for code, _ in roles.choices(held_at)]


class Membership(Row):
    """A person holds a role at a setting, a group, a local area or the service, between days.

    A specialist's is their deployment: learners are referred to its key. `group_ids` are the
    teaching groups through which a teacher sees learners; with `whole_setting` they see all of the
    setting's.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=roles.choices())
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, null=True, blank=True)
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT, null=True, blank=True)
    setting_group = models.ForeignKey(SettingGroup, on_delete=models.PROTECT, null=True, blank=True)
    group_ids = ArrayField(models.UUIDField(), default=list)
    whole_setting = models.BooleanField(default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            honest_dates("membership_dates"),
            models.CheckConstraint(
                condition=Q(
                    role__in=_codes("setting"),
                    setting__isnull=False,
                    local_area=None,
                    setting_group=None,
                )
                | Q(
                    role__in=_codes("setting_group"),
                    setting=None,
                    local_area=None,
                    setting_group__isnull=False,
                )
                | Q(
                    role__in=_codes("local_area"),
                    setting=None,
                    local_area__isnull=False,
                    setting_group=None,
                )
                | Q(
                    role__in=_codes("service"),
                    setting=None,
                    local_area=None,
                    setting_group=None,
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

    def __str__(self) -> str:
        parts = (self.user, self.get_role_display(), self.place)
        return ", ".join(str(part) for part in parts if part)

    @property
    def place(self) -> Setting | SettingGroup | LocalArea | None:
        """Where the role is held; None for the service itself."""
        return self.setting or self.setting_group or self.local_area

    @property
    def last_day(self) -> date | None:
        """The last day of the role, as people say it."""
        return self.ends_on and self.ends_on - timedelta(days=1)


class Opening(Row):
    """A setting opens its records to its group's or its local area's own specialists, to read.

    Made and ended by the setting alone. It counts while the setting belongs to that group or lies
    in that area.
    """

    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, related_name="openings")
    setting_group = models.ForeignKey(SettingGroup, on_delete=models.PROTECT, null=True, blank=True)
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT, null=True, blank=True)
    why = models.CharField(max_length=300)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="opening_dates"
            ),
            models.CheckConstraint(condition=~Q(why=""), name="opening_says_why"),
            models.CheckConstraint(
                condition=Q(setting_group__isnull=False, local_area=None)
                | Q(setting_group=None, local_area__isnull=False),
                name="opening_to_group_or_area",
            ),
            models.UniqueConstraint(
                fields=["setting", "setting_group", "local_area"],
                condition=Q(ends_on=None),
                nulls_distinct=False,
                name="opened_once",
            ),
        ]
        indexes = [
            models.Index(fields=["setting_group", "setting"], name="opening_to_group"),
            models.Index(fields=["local_area", "setting"], name="opening_to_area"),
        ]

    def __str__(self) -> str:
        return str(self.setting_group or self.local_area)


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
    setting_group = models.ForeignKey(SettingGroup, on_delete=models.PROTECT, null=True)
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

    @property
    def place(self) -> Setting | SettingGroup | LocalArea | None:
        """Where the role will be held; None for the service itself."""
        return self.setting or self.setting_group or self.local_area
