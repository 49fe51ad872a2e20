"""What a setting knows of a family: orders, the young person's answers, withheld whereabouts."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.models


class Migration(migrations.Migration):
    """Orders and dates of access; who decides at 16; whereabouts that are withheld."""

    dependencies = [
        ("learners", "0011_referrals"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Decision",
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
                    "answer",
                    models.CharField(
                        choices=[
                            ("asked", "Asked, not answered yet"),
                            ("agrees", "Agrees"),
                            ("in part", "Agrees in part"),
                            ("not", "Does not agree"),
                            ("capacity", "Lacks capacity for this decision"),
                        ],
                        max_length=8,
                    ),
                ),
                ("said_at", models.DateTimeField()),
                ("said_on", models.DateField(verbose_name="the day of the answer")),
                ("said_by_id", models.UUIDField(null=True)),
                ("said_by", models.CharField(max_length=200, verbose_name="who wrote it down")),
                (
                    "in_own_name",
                    models.BooleanField(verbose_name="the young person said it themself"),
                ),
                (
                    "assessed_by",
                    models.CharField(
                        blank=True, max_length=200, verbose_name="who decided about capacity"
                    ),
                ),
                (
                    "assessed_on",
                    models.DateField(
                        blank=True, null=True, verbose_name="when capacity was decided"
                    ),
                ),
                (
                    "assessed_how",
                    models.CharField(
                        blank=True, max_length=500, verbose_name="how capacity was decided"
                    ),
                ),
                (
                    "review_by",
                    models.DateField(blank=True, null=True, verbose_name="to be decided again by"),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DecisionAdult",
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
                    "access_right",
                    models.CharField(
                        choices=[("read", "Read"), ("contribute", "Read and say what helps")],
                        max_length=10,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WithheldWhereabouts",
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
                ("reason", models.CharField(max_length=500)),
                (
                    "may_know",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                (
                    "accepted",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), default=list, size=None
                    ),
                ),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("set_by_id", models.UUIDField()),
                ("set_by", models.CharField(max_length=300, verbose_name="who decided it")),
                ("why_ended", models.CharField(blank=True, max_length=500)),
            ],
        ),
        migrations.RemoveIndex(
            model_name="learneraccess",
            name="access_of_learner",
        ),
        migrations.AddField(
            model_name="familymember",
            name="access_from",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="familymember",
            name="access_to",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="familymember",
            name="joined_on",
            field=models.DateField(blank=True, null=True, verbose_name="first saw the record on"),
        ),
        migrations.AddField(
            model_name="familymember",
            name="look_again_on",
            field=models.DateField(blank=True, null=True, verbose_name="suspended; look again on"),
        ),
        migrations.AddField(
            model_name="familymember",
            name="order_from",
            field=models.DateField(blank=True, null=True, verbose_name="the order is from"),
        ),
        migrations.AddField(
            model_name="familymember",
            name="order_kind",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "No order"),
                    ("arrangements", "Child arrangements order"),
                    ("prohibited", "Prohibited steps order"),
                    ("specific", "Specific issue order"),
                    ("protection", "Non-molestation or other protection order"),
                    ("guardianship", "Special guardianship order"),
                    ("care", "Care or supervision order"),
                    ("other", "Another order"),
                ],
                max_length=12,
                verbose_name="court order",
            ),
        ),
        migrations.AddField(
            model_name="familymember",
            name="order_seen",
            field=models.CharField(
                blank=True, max_length=200, verbose_name="what was seen of the order"
            ),
        ),
        migrations.AddField(
            model_name="familymember",
            name="order_to",
            field=models.DateField(blank=True, null=True, verbose_name="the order ends on"),
        ),
        migrations.AddField(
            model_name="learneraccess",
            name="knows_where",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddIndex(
            model_name="learneraccess",
            index=models.Index(
                fields=["learner", "grantee_id"],
                include=("access_right", "starts_on", "ends_on", "knows_where"),
                name="access_of_learner",
            ),
        ),
        migrations.AddConstraint(
            model_name="familymember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("order_to", None),
                    ("order_from", None),
                    ("order_to__gt", models.F("order_from")),
                    _connector="OR",
                ),
                name="order_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="familymember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("order_kind", ""), models.Q(("order_seen", ""), _negated=True), _connector="OR"
                ),
                name="order_was_seen",
            ),
        ),
        migrations.AddConstraint(
            model_name="familymember",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("look_again_on", None),
                    models.Q(("may_see", False), models.Q(("why_not", ""), _negated=True)),
                    _connector="OR",
                ),
                name="suspended_says_why",
            ),
        ),
        migrations.AddField(
            model_name="decision",
            name="learner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="decisions",
                to="learners.learner",
            ),
        ),
        migrations.AddField(
            model_name="decisionadult",
            name="decision",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="adults",
                to="learners.decision",
            ),
        ),
        migrations.AddField(
            model_name="decisionadult",
            name="family_member",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="learners.familymember",
            ),
        ),
        migrations.AddField(
            model_name="decisionadult",
            name="learner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="learners.learner"
            ),
        ),
        migrations.AddField(
            model_name="withheldwhereabouts",
            name="learner",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="withheld_whereabouts",
                to="learners.learner",
            ),
        ),
        migrations.AddIndex(
            model_name="decision",
            index=models.Index(fields=["learner", "-said_at"], name="decision_of_learner"),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("answer", "capacity"),
                        ("assessed_on__isnull", False),
                        ("review_by__gt", models.F("assessed_on")),
                        models.Q(("assessed_by", ""), _negated=True),
                        models.Q(("assessed_how", ""), _negated=True),
                        ("in_own_name", False),
                    ),
                    models.Q(
                        models.Q(("answer", "capacity"), _negated=True),
                        ("assessed_by", ""),
                        ("assessed_how", ""),
                        ("assessed_on", None),
                        ("review_by", None),
                    ),
                    _connector="OR",
                ),
                name="capacity_decided_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionadult",
            constraint=models.UniqueConstraint(
                fields=("decision", "family_member"), name="adult_named_once_in_a_decision"
            ),
        ),
        migrations.AddConstraint(
            model_name="withheldwhereabouts",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_on", None), ("why_ended", "")),
                    models.Q(
                        ("ends_on__gte", models.F("starts_on")),
                        models.Q(("why_ended", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="whereabouts_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="withheldwhereabouts",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_on", None)),
                fields=("learner",),
                name="whereabouts_withheld_once",
            ),
        ),
    ]
