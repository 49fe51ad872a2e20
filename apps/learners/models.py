"""Learners: who they are, where they are, who holds their record, and who may see them."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q

from apps.access.models import Membership
from apps.access.permissions import Right
from apps.accounts.models import User
from apps.common.models import Row
from apps.learners.closed import Closed
from apps.learners.family_models import (
    Decision,
    DecisionAdult,
    FamilyMember,
    WithheldWhereabouts,
)
from apps.settings.models import DateRange, LocalArea, Setting, honest_dates

__all__ = [
    "CensusCode",
    "Decision",
    "DecisionAdult",
    "EHCPlan",
    "Enrolment",
    "FamilyMember",
    "FormerIdentifier",
    "Learner",
    "LearnerAccess",
    "RecordHolder",
    "Referral",
    "TeachingGroup",
    "TeachingGroupMember",
    "WithheldReader",
    "WithheldWhereabouts",
]


class Learner(Row):
    """A child or young person, from birth to 25."""

    class BirthDateCertainty(models.TextChoices):
        """How sure we are of the date of birth."""

        KNOWN = "known", "Known"
        ESTIMATED = "estimated", "Estimated"
        ASSIGNED = "assigned", "Assigned"
        DISPUTED = "disputed", "Disputed"

    class Sex(models.TextChoices):
        """As the school census records it."""

        FEMALE = "F", "Female"
        MALE = "M", "Male"
        UNKNOWN = "", "Not recorded"

    Closed = Closed

    upn = models.CharField("UPN", max_length=13, null=True, blank=True, unique=True)
    uln = models.CharField("ULN", max_length=10, null=True, blank=True, unique=True)
    nhs_number = models.CharField("NHS number", max_length=10, null=True, blank=True, unique=True)
    legal_given = models.CharField("legal given names", max_length=150)
    legal_family = models.CharField("legal family name", max_length=100, blank=True)
    known_given = models.CharField("known as, given name", max_length=100)
    known_family = models.CharField("known as, family name", max_length=100, blank=True)
    family_name_first = models.BooleanField(default=False)
    name_key = models.CharField(max_length=220, editable=False)
    date_of_birth = models.DateField()
    birth_date_certainty = models.CharField(
        max_length=9, choices=BirthDateCertainty.choices, default=BirthDateCertainty.KNOWN
    )
    sex = models.CharField(max_length=1, choices=Sex.choices, blank=True)
    ethnicity = models.CharField(max_length=4, blank=True)
    free_school_meals = models.BooleanField(null=True)
    english_additional_language = models.BooleanField(null=True)
    first_language = models.CharField(max_length=60, blank=True)
    looked_after_by = models.ForeignKey(
        LocalArea, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    home_area = models.ForeignKey(
        LocalArea, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    identifier_being_checked = models.BooleanField(default=False)
    closed_because = models.CharField(
        "why the record is closed", max_length=6, choices=Closed.choices, blank=True
    )
    died_on = models.DateField(null=True, blank=True)
    version = models.IntegerField(default=1)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(upn=None) | Q(upn__regex=r"^[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]$"),
                name="upn_form",
            ),
            models.CheckConstraint(
                condition=Q(date_of_birth__gte="1990-01-01"), name="birth_date_plausible"
            ),
            models.CheckConstraint(
                condition=Q(closed_because="died", died_on__gte=F("date_of_birth"))
                | (~Q(closed_because="died") & Q(died_on=None)),
                name="died_on_a_day",
            ),
        ]
        indexes = [models.Index(fields=["name_key", "id"], name="learner_by_name")]

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """The name everyone uses, in the order the learner's family uses."""
        names = [self.known_given, self.known_family]
        return " ".join(n for n in (reversed(names) if self.family_name_first else names) if n)


class FormerIdentifier(Row):
    """A UPN or other number that a learner had before."""

    learner = models.ForeignKey(
        Learner, on_delete=models.CASCADE, related_name="former_identifiers"
    )
    kind = models.CharField(max_length=3, choices=[("upn", "UPN"), ("uln", "ULN"), ("nhs", "NHS")])
    value = models.CharField(max_length=13)
    ended_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "value"], name="former_identifier_once")
        ]


class Enrolment(Row):
    """A learner at a setting, from a day to a day."""

    class Kind(models.TextChoices):
        """Main: the setting where they mostly are; at most one on any day."""

        MAIN = "main", "Main"
        SUBSIDIARY = "subsidiary", "Subsidiary"
        GUEST = "guest", "Guest"

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="enrolments")
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, related_name="enrolments")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.MAIN)
    year_group = models.SmallIntegerField("actual year group, Reception 0")
    class_name = models.CharField("class or form", max_length=40, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    leaving_reason = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            honest_dates("enrolment_dates"),
            ExclusionConstraint(
                name="one_main_enrolment_on_a_day",
                expressions=[
                    ("learner", RangeOperators.EQUAL),
                    (DateRange(), RangeOperators.OVERLAPS),
                ],
                condition=Q(kind="main"),
            ),
            ExclusionConstraint(
                name="enrolled_once_at_a_setting",
                expressions=[
                    ("learner", RangeOperators.EQUAL),
                    ("setting", RangeOperators.EQUAL),
                    (DateRange(), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["setting", "starts_on"], name="enrolment_by_setting")]


class RecordHolder(Row):
    """Who keeps the record on a day: a setting, or a local area's named team.

    Exactly one on every day from the first register entry to the end of education: the exclusion
    constraint forbids two, and `learners.actions.pass_record` leaves no gap (a deferred trigger
    refuses one).
    """

    class Reason(models.TextChoices):
        """Why the record came to this holder."""

        FIRST_ENTRY = "first entry", "First put on a register"
        MOVE = "move", "The learner moved"
        NO_SETTING = "no setting", "Without a setting"
        SUCCESSOR = "successor", "The setting has a successor"

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="holders")
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, null=True, blank=True)
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT, null=True, blank=True)
    reason = models.CharField(max_length=12, choices=Reason.choices)
    sealed = models.BooleanField("no former holder reads what it held", default=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            honest_dates("record_holder_dates"),
            models.CheckConstraint(
                condition=Q(setting__isnull=False, local_area=None)
                | Q(setting=None, local_area__isnull=False),
                name="record_holder_setting_or_area",
            ),
            ExclusionConstraint(
                name="one_record_holder_on_a_day",
                expressions=[
                    ("learner", RangeOperators.EQUAL),
                    (DateRange(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class TeachingGroup(Row):
    """A class, form or set, through which teachers see learners."""

    setting = models.ForeignKey(Setting, on_delete=models.CASCADE, related_name="groups")
    name = models.CharField(max_length=60)
    year = models.SmallIntegerField("academic year, by the calendar year it starts in")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["setting", "name", "year"], name="teaching_group_once")
        ]


class TeachingGroupMember(Row):
    """A learner in a teaching group."""

    group = models.ForeignKey(TeachingGroup, on_delete=models.CASCADE, related_name="members")
    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="teaching_groups")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["group", "learner"], name="teaching_group_member_once")
        ]


class CensusCode(Row):
    """N, E or K, and the type of need: facts that a setting decides; they list nobody."""

    class Provision(models.TextChoices):
        """The school census's codes, and those of older files."""

        NONE = "N", "No SEN provision"
        SUPPORT = "K", "SEN support"
        PLAN = "E", "EHC plan"
        STATEMENT = "S", "Statement (historic)"
        ACTION = "A", "School Action (historic)"
        ACTION_PLUS = "P", "School Action Plus (historic)"

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="census_codes")
    setting = models.ForeignKey(Setting, on_delete=models.PROTECT, null=True)
    code = models.CharField(max_length=1, choices=Provision.choices)
    need_types = models.JSONField("types of need by rank", default=list)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            honest_dates("census_code_dates"),
            ExclusionConstraint(
                name="one_census_code_on_a_day",
                expressions=[
                    ("learner", RangeOperators.EQUAL),
                    (DateRange(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class EHCPlan(Row):
    """An EHC plan in force: a fact of its own beside the Learner Record."""

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="ehc_plans")
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            honest_dates("ehc_plan_dates"),
            ExclusionConstraint(
                name="one_ehc_plan_on_a_day",
                expressions=[
                    ("learner", RangeOperators.EQUAL),
                    (DateRange(), RangeOperators.OVERLAPS),
                ],
            ),
        ]


class LearnerAccess(Row):
    """Who may see whom, as a row with a reason. Policies and row-level security read no other.

    `grantee_id` is the key of whom `grantee_kind` says; `because_id`
    the key of the fact that gives the right (an enrolment, a family member, a transition).
    """

    class Grantee(models.TextChoices):
        """What kind of key `grantee_id` is."""

        SETTING = "setting", "Setting"
        SETTING_GROUP = "setting group", "Setting group"
        TEACHING_GROUP = "teaching group", "Teaching group"
        LOCAL_AREA = "local area", "Local area"
        LOOKED_AFTER = "looked after", "Team for those whom a local area looks after"
        DEPLOYMENT = "deployment", "Specialist's deployment"
        USER = "user", "Person"

    # No index of its own: `access_of_learner` begins with the learner and answers from itself.
    learner = models.ForeignKey(
        Learner, on_delete=models.CASCADE, related_name="access", db_index=False
    )
    grantee_kind = models.CharField(max_length=14, choices=Grantee.choices)
    grantee_id = models.UUIDField()
    access_right = models.CharField(max_length=10, choices=[(r.value, r.value) for r in Right])
    reason = models.CharField(max_length=60)
    because_id = models.UUIDField(null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    # False only for an adult of the family from whom the learner's whereabouts are withheld.
    knows_where = models.BooleanField(default=True, db_default=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="access_dates"
            ),
            models.UniqueConstraint(
                fields=["learner", "grantee_id", "reason", "because_id", "access_right"],
                condition=Q(ends_on=None),
                nulls_distinct=False,
                name="access_given_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["learner", "grantee_id"],
                include=["access_right", "starts_on", "ends_on", "knows_where"],
                name="access_of_learner",
            ),
            models.Index(fields=["grantee_id", "learner"], name="access_of_grantee"),
        ]


class Referral(Row):
    """A learner referred to a specialist's deployment, which reads and adds to the record."""

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="referrals")
    # No constraint: a role that is ended on its first day is taken out, whoever was referred to it.
    deployment = models.ForeignKey(Membership, models.DO_NOTHING, db_constraint=False)
    why = models.CharField(max_length=300)
    referred_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="referral_dates"
            ),
            models.UniqueConstraint(
                fields=["learner", "deployment"], condition=Q(ends_on=None), name="referred_once"
            ),
        ]


class WithheldReader(Row):
    """Someone whose reading of a learner's record is not shown to the family.

    Decided by the safeguarding lead, with a reason and a date on which to look again; until it is
    ended it covers what that person read before and reads from now on.
    """

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="withheld_readers")
    reader_id = models.UUIDField()
    reader = models.CharField("name and role of the reader", max_length=300)
    reason = models.CharField(max_length=500)
    review_on = models.DateField("look again on")
    withheld_by_id = models.UUIDField()
    withheld_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["learner", "reader_id"],
                condition=Q(ended_at=None),
                name="reader_withheld_once",
            )
        ]
