"""What was set aside before sign-off is for those alone who write the review."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.models
from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "reviews_setaside"
HOLDS = rs.holds(f"{TABLE}.learner_id")
# Of an open review of the same learner, and no other.
OPEN = (
    f"EXISTS (SELECT FROM reviews_review r WHERE r.id = {TABLE}.review_id"
    f" AND r.learner_id = {TABLE}.learner_id AND r.state = 'open')"
)


class Migration(migrations.Migration):
    """Set aside with a reason, changed by nobody; taken up again while the review is open."""

    dependencies = [
        ("learners", "0015_sealed"),
        ("reviews", "0016_asking_rules"),
        ("audit", "0006_hidden_and_emptied"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SetAside",
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
                    "rule",
                    models.CharField(
                        choices=[
                            ("outcome", "An outcome nobody could tell was met"),
                            ("frequency", "A support that does not say how often"),
                            ("evidence", "Evidence unchanged for three terms"),
                            ("jump", "A level moved two steps without new evidence"),
                            ("no-support", "A need with no support"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "subject_id",
                    models.UUIDField(verbose_name="the statement or draft that it is about"),
                ),
                ("reason", models.CharField(max_length=300)),
                ("set_aside_at", models.DateTimeField()),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="learners.learner",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="set_aside",
                        to="reviews.review",
                    ),
                ),
                (
                    "set_aside_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("review", "rule", "subject_id"), name="set_aside_once_a_review"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reason", ""), _negated=True),
                        name="set_aside_says_why",
                    ),
                ],
            },
        ),
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=HOLDS),
            rs.policy("set_aside", "INSERT", check=f"{HOLDS} AND {OPEN}"),
            rs.policy("taken_up", "DELETE", using=f"{HOLDS} AND {OPEN}"),
        ),
        migrations.RunSQL(
            f"REVOKE UPDATE, TRUNCATE ON {TABLE} FROM {rs.app()}",
            f"GRANT UPDATE ON {TABLE} TO {rs.app()}",
        ),
        history.keep(TABLE),
    ]
