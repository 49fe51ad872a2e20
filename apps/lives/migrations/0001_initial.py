"""Closings of records."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("learners", "0014_closed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Closure",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=apps.common.models.new_id,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "because",
                    models.CharField(
                        choices=[
                            ("died", "The child has died"),
                            ("joined", "Joined to another record"),
                        ],
                        max_length=6,
                    ),
                ),
                (
                    "known_as",
                    models.CharField(max_length=220, verbose_name="the name on the closed record"),
                ),
                ("name_key", models.CharField(editable=False, max_length=220)),
                ("born", models.DateField(verbose_name="the date of birth on the closed record")),
                (
                    "why",
                    models.CharField(max_length=500, verbose_name="who told us, or how we know"),
                ),
                (
                    "held_by",
                    models.UUIDField(verbose_name="the setting or local area that held the record"),
                ),
                ("changed", models.JSONField(default=list)),
                ("closed_at", models.DateTimeField()),
                ("closed_by_name", models.CharField(max_length=200)),
                ("undone_at", models.DateTimeField(null=True)),
                ("undone_by_name", models.CharField(blank=True, max_length=200)),
                ("undone_why", models.CharField(blank=True, max_length=500)),
                (
                    "closed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joined_records",
                        to="learners.learner",
                    ),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="closures",
                        to="learners.learner",
                    ),
                ),
                (
                    "undone_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("undone_at", None)),
                        fields=["into"],
                        name="joined_into_learner",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at", None)),
                        fields=("learner",),
                        name="closed_once_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("because", "joined"),
                                ("into__isnull", False),
                                models.Q(("into", models.F("learner")), _negated=True),
                            ),
                            models.Q(("because", "died"), ("into", None)),
                            _connector="OR",
                        ),
                        name="joined_into_another",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("undone_at", None), ("undone_by", None)),
                            models.Q(
                                ("undone_at__isnull", False),
                                ("undone_by__isnull", False),
                                models.Q(
                                    ("because", "died"),
                                    ("undone_by", models.F("closed_by")),
                                    _negated=True,
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="a_death_is_undone_by_somebody_else",
                    ),
                ],
            },
        ),
    ]
