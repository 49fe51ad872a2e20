"""Whether a support happens: said by those who work with the learner, read with the support."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.models
from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "reviews_supportcheck"
OF = f"{TABLE}.learner_id"
# A statement for staff only has checks for staff only: what the statement's own policies say.
SEEN = (
    f"{rs.reads_where(OF)} AND EXISTS (SELECT FROM reviews_statement s"
    f" WHERE s.id = {TABLE}.statement_id)"
)
OWN = "(author_id IS NULL OR author_id::text = current_setting('lr.actor', true))"
SAID = f"{rs.contributes_as_organisation(OF)} AND {OWN}"
OF_A_SUPPORT = (
    f"EXISTS (SELECT FROM reviews_statement s WHERE s.id = {TABLE}.statement_id"
    f" AND s.learner_id = {OF} AND s.kind = 'support')"
)


class Migration(migrations.Migration):
    """One a half term; who reads the statement reads it."""

    dependencies = [
        ("learners", "0015_sealed"),
        ("reviews", "0013_papers_sent"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SupportCheck",
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
                    "year",
                    models.SmallIntegerField(
                        verbose_name="academic year, by the calendar year it starts in"
                    ),
                ),
                (
                    "term",
                    models.CharField(
                        choices=[("autumn", "Autumn"), ("spring", "Spring"), ("summer", "Summer")],
                        max_length=6,
                    ),
                ),
                ("half", models.SmallIntegerField(verbose_name="1 before half term, 2 after it")),
                (
                    "answer",
                    models.CharField(
                        choices=[
                            ("as planned", "As planned"),
                            ("partly", "Partly"),
                            ("not", "Not happening"),
                        ],
                        max_length=10,
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=300)),
                ("author_name", models.CharField(max_length=200)),
                ("said_at", models.DateTimeField()),
                (
                    "author",
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
                    "statement",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="checks",
                        to="reviews.statement",
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["learner", "-said_at"], name="check_of_learner")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("statement", "year", "term", "half"),
                        name="checked_once_a_half_term",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("half__in", [1, 2])), name="check_of_a_half_term"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("answer", "as planned"),
                            models.Q(("why", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="not_as_planned_says_why",
                    ),
                ],
            },
        ),
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=SEEN),
            rs.policy("said", "INSERT", check=f"{SAID} AND {OF_A_SUPPORT}"),
            rs.policy(
                "said_again",
                "UPDATE",
                using=rs.contributes_as_organisation(OF),
                check=f"{SAID} AND {OF_A_SUPPORT}",
            ),
        ),
        history.keep(TABLE),
    ]
