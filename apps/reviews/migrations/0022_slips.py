"""A slip is noted once and stays beside the words in which it is, for whoever reads those."""

import django.db.models.deletion
from django.db import migrations, models

import apps.common.models
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "reviews_slip"
WHOSE = f"{TABLE}.learner_id"
# The statement's own policy says who reads it, staff-only words included.
OF_IT = (
    f"EXISTS (SELECT FROM reviews_statement s WHERE s.id = {TABLE}.statement_id"
    f" AND s.learner_id = {WHOSE})"
)
READ = f"EXISTS (SELECT FROM reviews_statement s WHERE s.id = {TABLE}.statement_id)"


class Migration(migrations.Migration):
    dependencies = [
        ("learners", "0015_sealed"),
        ("reviews", "0021_meeting_rules"),
    ]

    operations = [
        migrations.CreateModel(
            name="Slip",
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
                ("should_say", models.TextField()),
                ("because", models.CharField(max_length=300)),
                (
                    "noted_by",
                    models.CharField(max_length=200, verbose_name="name of whoever noted it"),
                ),
                ("noted_at", models.DateTimeField()),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="learners.learner",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slip_rows",
                        to="reviews.statement",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["statement", "noted_at"], name="slips_of_statement")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("should_say", ""), _negated=True),
                            models.Q(("because", ""), _negated=True),
                        ),
                        name="slip_says_what_and_why",
                    )
                ],
            },
        ),
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=f"{rs.reads_where(WHOSE)} AND {READ}"),
            rs.policy("noted", "INSERT", check=f"{rs.holds(WHOSE)} AND {OF_IT}"),
        ),
        rs.read_only(TABLE),
    ]
