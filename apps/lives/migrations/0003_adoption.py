"""Adoptions that wait for a second person."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.models


class Migration(migrations.Migration):
    dependencies = [
        ("education_settings", "0004_history"),
        ("learners", "0015_sealed"),
        ("lives", "0002_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Adoption",
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
                ("values", models.JSONField()),
                ("statements", models.JSONField(default=list)),
                ("year_group", models.SmallIntegerField()),
                (
                    "starts_on",
                    models.DateField(
                        verbose_name="since when the child learns there under the new name"
                    ),
                ),
                (
                    "because",
                    models.CharField(max_length=300, verbose_name="the order that was seen"),
                ),
                (
                    "held_by",
                    models.UUIDField(verbose_name="the setting or local area that held the record"),
                ),
                ("proposed_by_name", models.CharField(max_length=200)),
                ("proposed_at", models.DateTimeField()),
                ("declined_at", models.DateTimeField(null=True)),
                ("declined_because", models.CharField(blank=True, max_length=300)),
                (
                    "declined_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="learners.learner",
                    ),
                ),
                (
                    "proposed_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "to_setting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="education_settings.setting",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("declined_at", None)),
                        fields=("learner",),
                        name="one_adoption_waits",
                    )
                ],
            },
        ),
    ]
