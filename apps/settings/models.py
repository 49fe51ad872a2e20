"""Education settings, the local areas they lie in, the groups they belong to, their term dates."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value

from apps.common.models import Row, new_id
from apps.common.terms import Term


class DateRange(Func):
    """`[starts_on, ends_on)`: how every dated fact reads, for exclusion constraints."""

    function = "daterange"

    def __init__(self, starts: str = "starts_on", ends: str = "ends_on") -> None:
        super().__init__(F(starts), F(ends), Value("[)"))


def honest_dates(name: str) -> models.CheckConstraint:
    """A fact ends after it starts, if it ends (domain.md, rule 8)."""
    return models.CheckConstraint(
        condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name=name
    )


class LocalArea(Row):
    """One local authority area; its Local Inclusion Partnership works at this level.

    Codes are a dated table: authorities are abolished and made (standards.md, 1.5). The team for
    those whom the authority looks after has a key of its own, since the area's officers are others.
    """

    code = models.CharField(max_length=3)
    gss_code = models.CharField(max_length=9, blank=True)
    name = models.CharField(max_length=100)
    region = models.CharField(max_length=60, blank=True)
    looked_after_team_id = models.UUIDField(default=new_id, editable=False, unique=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code"], name="local_area_code_once"),
            honest_dates("local_area_dates"),
        ]

    def __str__(self) -> str:
        return self.name


class SettingGroup(Row):
    """An academy trust or a federation."""

    class Kind(models.TextChoices):
        """What holds its settings together."""

        TRUST = "trust", "Academy trust"
        FEDERATION = "federation", "Federation"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    uid = models.CharField("group UID", max_length=10)
    name = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "uid"], name="group_uid_once")]

    def __str__(self) -> str:
        return self.name


AGE_AFTER_RECEPTION = 5  # on the last day of the year
YEAR_11 = 11


class Setting(Row):
    """A nursery, school, college or other place of education: one GIAS row, for ever."""

    class Kind(models.TextChoices):
        """What a page and a rule need to know of the many GIAS types."""

        EARLY_YEARS = "early-years", "Early years setting"
        CHILDMINDER = "childminder", "Childminder"
        SCHOOL = "school", "School"
        SPECIAL = "special", "Special school"
        ALTERNATIVE = "alternative", "Alternative provision"
        HOSPITAL = "hospital", "Hospital school"
        COLLEGE = "college", "College"
        SPECIALIST_POST_16 = "specialist-post-16", "Specialist post-16 institution"
        OTHER = "other", "Other"

    class Phase(models.TextChoices):
        """The part of education it serves."""

        EARLY_YEARS = "early-years", "Early years"
        PRIMARY = "primary", "Primary"
        SECONDARY = "secondary", "Secondary"
        ALL_THROUGH = "all-through", "All-through"
        POST_16 = "post-16", "Post-16"
        OTHER = "other", "Other"

    class Status(models.TextChoices):
        """As GIAS says it."""

        PROPOSED = "proposed", "Proposed to open"
        OPEN = "open", "Open"
        CLOSING = "closing", "Open, but proposed to close"
        CLOSED = "closed", "Closed"

    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    phase = models.CharField(max_length=12, choices=Phase.choices)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.OPEN)
    gias_type = models.CharField("type as GIAS names it", max_length=80, blank=True)
    local_area = models.ForeignKey(LocalArea, on_delete=models.PROTECT, related_name="settings")
    group = models.ForeignKey(
        SettingGroup, on_delete=models.PROTECT, null=True, blank=True, related_name="settings"
    )
    low_age = models.SmallIntegerField(null=True, blank=True)
    high_age = models.SmallIntegerField(null=True, blank=True)
    roll = models.IntegerField("learners on roll", null=True, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)
    address = models.CharField(max_length=300, blank=True)
    postcode = models.CharField(max_length=8, blank=True)
    telephone = models.CharField(max_length=30, blank=True)
    website = models.CharField(max_length=200, blank=True)
    source_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [models.Index(fields=["local_area", "name"], name="setting_by_area")]

    def __str__(self) -> str:
        return self.name

    @property
    def leaving_years(self) -> list[int]:
        """The year groups at whose end learners move on: the last one, and Year 11 before it."""
        if self.high_age is None:
            return []
        last = self.high_age - AGE_AFTER_RECEPTION
        return [YEAR_11, last] if last > YEAR_11 else [last]


class SettingIdentifier(Row):
    """A number by which others know a setting, and from when to when."""

    class Kind(models.TextChoices):
        """The registers that number settings (standards.md, 1.4)."""

        URN = "urn", "URN"
        LAESTAB = "laestab", "DfE number"
        UKPRN = "ukprn", "UKPRN"
        EY_URN = "ey-urn", "Ofsted EY number"

    setting = models.ForeignKey(Setting, on_delete=models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    value = models.CharField(max_length=12)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["value"], condition=Q(kind="urn"), name="urn_is_one_setting_for_ever"
            ),
            ExclusionConstraint(
                name="identifier_one_setting_at_a_time",
                expressions=[
                    ("kind", RangeOperators.EQUAL),
                    ("value", RangeOperators.EQUAL),
                    (DateRange(), RangeOperators.OVERLAPS),
                ],
                condition=Q(kind__in=["urn", "ey-urn"]),
            ),
        ]
        indexes = [models.Index(fields=["kind", "value"], name="identifier_by_value")]


class SettingLink(Row):
    """A setting's predecessor, successor or other relation, as GIAS publishes it.

    Either side may not be loaded (yet): the URNs are kept, the settings filled where known.
    """

    class Kind(models.TextChoices):
        """What the many GIAS link types come down to."""

        PREDECESSOR = "predecessor", "Predecessor"
        SUCCESSOR = "successor", "Successor"
        SIXTH_FORM = "sixth-form", "Sixth form centre"
        OTHER = "other", "Other"

    urn = models.CharField(max_length=6)
    link_urn = models.CharField(max_length=6)
    link_name = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    gias_type = models.CharField(max_length=100)
    established_on = models.DateField(null=True)
    setting = models.ForeignKey(Setting, on_delete=models.CASCADE, null=True, related_name="links")
    linked = models.ForeignKey(
        Setting, on_delete=models.CASCADE, null=True, related_name="linked_from"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["urn", "link_urn", "gias_type", "established_on"],
                nulls_distinct=False,
                name="setting_link_once",
            )
        ]


class TermDate(Row):
    """A term's dates and the weeks in which its reviews fall due.

    The most particular row wins: the setting's, its group's, its local area's, the national one.
    """

    year = models.SmallIntegerField("academic year, by the calendar year it starts in")
    term = models.CharField(max_length=6, choices=[(t.value, t.value.title()) for t in Term])
    starts_on = models.DateField()
    ends_on = models.DateField()
    half_term_starts_on = models.DateField()
    half_term_ends_on = models.DateField()
    reviews_start_on = models.DateField()
    reviews_end_on = models.DateField()
    local_area = models.ForeignKey(LocalArea, on_delete=models.CASCADE, null=True, blank=True)
    group = models.ForeignKey(SettingGroup, on_delete=models.CASCADE, null=True, blank=True)
    setting = models.ForeignKey(Setting, on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["year", "term", "local_area", "group", "setting"],
                nulls_distinct=False,
                name="term_date_once",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__lt=F("half_term_starts_on"))
                & Q(half_term_starts_on__lt=F("half_term_ends_on"))
                & Q(half_term_ends_on__lt=F("ends_on"))
                & Q(reviews_start_on__gte=F("starts_on"))
                & Q(reviews_end_on__gt=F("reviews_start_on"))
                & Q(reviews_end_on__lte=F("ends_on")),
                name="term_date_order",
            ),
        ]
