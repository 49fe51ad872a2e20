"""Words that may be shown to others of the family only after their author was asked."""

from importlib import import_module

import django.db.models.deletion
from django.db import migrations, models

import apps.common.models
from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

where = import_module("apps.reviews.migrations.0010_where")
rules, instead = where.rules, where.instead
TABLE, SAID = "reviews_askedfirst", "reviews_contribution"
OF = f"{TABLE}.learner_id"
OWN = f"{TABLE}.author_id::text = current_setting('lr.actor', true)"
BEFORE = rules.CONTRIBUTION_SEEN
NOW = instead(BEFORE, SAID).replace(
    "NOT ask_me_first",
    f"(NOT ask_me_first OR EXISTS (SELECT 1 FROM {TABLE} q"
    f" WHERE q.contribution_id = {SAID}.id AND q.may_show))",
)
assert instead(BEFORE, SAID) != NOW


class Migration(migrations.Migration):
    """Asked by whoever keeps the record, answered by the author, read with the contribution."""

    dependencies = [
        ("learners", "0013_family_rules"),
        ("reviews", "0010_where"),
    ]

    operations = [
        migrations.CreateModel(
            name="AskedFirst",
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
                ("author_id", models.UUIDField(verbose_name="who said it")),
                ("asked_by", models.CharField(max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("may_show", models.BooleanField(null=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "contribution",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="asked_first",
                        to="reviews.contribution",
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
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answered_at", None), ("may_show", None)),
                            models.Q(("answered_at__isnull", False), ("may_show__isnull", False)),
                            _connector="OR",
                        ),
                        name="asked_first_answered_whole",
                    )
                ],
            },
        ),
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy(
                "seen",
                "SELECT",
                using=f"{rs.reads_as_organisation(OF)} OR ({rs.reads(OF)} AND {OWN})"
                f" OR ({rs.reads_where(OF)} AND may_show)",
            ),
            rs.policy("asked", "INSERT", check=f"{rs.holds(OF)} AND may_show IS NULL"),
            rs.policy(
                "answered",
                "UPDATE",
                using=f"{rs.contributes(OF)} AND {OWN}",
                check=f"{rs.contributes(OF)} AND {OWN}",
            ),
        ),
        history.keep(TABLE),
        rs.reread(SAID, now=NOW, before=instead(BEFORE, SAID)),
    ]
