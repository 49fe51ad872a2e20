"""The National Framework as versioned data, and the toolkit of practice guides.

Nothing in the code knows how many areas or levels there are: a record says which version it was
written against, and a new version never rewrites an old record.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.common.models import Row


class FrameworkVersion(Row):
    """One version: its areas, levels, descriptors and thresholds."""

    class Status(models.TextChoices):
        """The life of a version; only one is published at a time."""

        DRAFT = "draft", "Draft"
        CONSULTATION = "consultation", "Out for consultation"
        PUBLISHED = "published", "Published"
        SUPERSEDED = "superseded", "Superseded"

    number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=200)
    status = models.CharField(max_length=12, choices=Status.choices)
    illustrative = models.BooleanField(default=False)
    published_on = models.DateField(null=True)
    notes = models.TextField(blank=True)
    register_rank = models.SmallIntegerField(
        "rank from which a need puts a learner on the register"
    )
    statutory_rank = models.SmallIntegerField("rank from which a statutory plan is considered")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["status"], condition=Q(status="published"), name="one_published_framework"
            ),
            models.CheckConstraint(
                condition=Q(register_rank__gt=0) & Q(statutory_rank__gte=models.F("register_rank")),
                name="framework_thresholds",
            ),
        ]

    def __str__(self) -> str:
        return f"National Framework {self.number}"


class Area(Row):
    """A broad area of need in one version."""

    version = models.ForeignKey(FrameworkVersion, on_delete=models.PROTECT, related_name="areas")
    code = models.SlugField(max_length=60)
    order = models.SmallIntegerField()
    name = models.CharField(max_length=100)
    short_name = models.CharField(max_length=40)
    family_name = models.CharField(max_length=120)
    summary = models.TextField()
    includes = models.TextField(blank=True)

    class Meta:
        ordering = ["order"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="area_once"),
            models.UniqueConstraint(fields=["version", "order"], name="area_order_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Level(Row):
    """A level of need in one version; rank 0 is universal."""

    version = models.ForeignKey(FrameworkVersion, on_delete=models.PROTECT, related_name="levels")
    code = models.SlugField(max_length=40)
    rank = models.SmallIntegerField()
    name = models.CharField(max_length=60)
    family_wording = models.CharField(max_length=300)
    definition = models.TextField()

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="level_once"),
            models.UniqueConstraint(fields=["version", "rank"], name="level_rank_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Descriptor(Row):
    """One box of the grid: what needs in this area at this level look like, and what to expect."""

    version = models.ForeignKey(
        FrameworkVersion, on_delete=models.PROTECT, related_name="descriptors"
    )
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="descriptors")
    level = models.ForeignKey(Level, on_delete=models.PROTECT, related_name="descriptors")
    professional = models.TextField()
    family = models.TextField()
    young_person = models.TextField()
    expected = ArrayField(models.TextField())
    look_for = ArrayField(models.TextField())

    class Meta:
        ordering = ["area__order", "level__rank"]
        constraints = [models.UniqueConstraint(fields=["area", "level"], name="descriptor_once")]


class PracticeGuide(Row):
    """A guide of the toolkit: what it is, for whom, how strong the evidence, where it is from.

    `boxes` are the needs that it is for, each by itself. `together` are needs that it is for when a
    learner has all of them: in each of these areas at least the level of its box.
    """

    class Strength(models.TextChoices):
        """How sure one can be that it helps."""

        STRONG = "strong", "Strong evidence"
        MODERATE = "moderate", "Moderate evidence"
        EMERGING = "emerging", "Emerging evidence"
        CONSENSUS = "practice consensus", "Agreed practice"

    code = models.SlugField(max_length=80, unique=True)
    title = models.CharField(max_length=150)
    summary = models.TextField()
    what_it_is = models.TextField()
    how = ArrayField(models.TextField())
    who = models.CharField(max_length=200)
    how_often = models.CharField(max_length=200)
    phases = ArrayField(models.CharField(max_length=20))
    needs = ArrayField(models.CharField(max_length=40), default=list)
    strength = models.CharField(max_length=20, choices=Strength.choices)
    strength_reason = models.TextField()
    cost = models.CharField(max_length=200)
    sources = models.JSONField(default=list)
    boxes = models.ManyToManyField(Descriptor, related_name="guides")
    together = models.ManyToManyField(Descriptor, related_name="guides_together")

    class Meta:
        ordering = ["title"]

    def __str__(self) -> str:
        return self.title
