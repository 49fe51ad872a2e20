"""Papers made for others: what was made, when and by whom, for whoever reads the record."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.models
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "reviews_papersent"
OF = f"{TABLE}.learner_id"


class Migration(migrations.Migration):
    """A row is added with the paper, by whoever holds the record, and never changed."""

    dependencies = [
        ("learners", "0015_sealed"),
        ("reviews", "0012_workspace"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="PaperSent",
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
                    "kind",
                    models.CharField(
                        choices=[
                            ("evidence", "Evidence for a request to others"),
                            ("exams", "Normal way of working, for examinations"),
                        ],
                        max_length=8,
                    ),
                ),
                ("made_at", models.DateTimeField()),
                (
                    "role",
                    models.CharField(max_length=60, verbose_name="role of whoever made it"),
                ),
                (
                    "organisation",
                    models.CharField(max_length=200, verbose_name="for which they acted"),
                ),
                ("sha256", models.CharField(max_length=64)),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="learners.learner",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["learner", "-made_at"], name="papers_of_learner")],
            },
        ),
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=rs.reads_where(OF)),
            rs.policy("made", "INSERT", check=rs.holds(OF)),
        ),
        rs.read_only(TABLE),
    ]
