"""Referrals to specialists, and the right of the team for those whom an authority looks after."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.models
from apps.audit.history import keep
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "learners_referral"
LEARNER = f"{TABLE}.learner_id"
HOLDS = rs.holds(LEARNER)
# Whom an authority looked after before its team had a right of its own.
LOOKED_AFTER = """
    INSERT INTO learners_learneraccess (id, learner_id, grantee_kind, grantee_id, access_right,
        reason, because_id, starts_on)
    SELECT uuidv7(), l.id, 'looked after', a.looked_after_team_id, 'read', 'looked after', a.id,
        CURRENT_DATE
    FROM learners_learner l JOIN education_settings_localarea a ON a.id = l.looked_after_by_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0007_everyone_else"),
        ("learners", "0010_cast_once"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="learneraccess",
            name="grantee_kind",
            field=models.CharField(
                choices=[
                    ("setting", "Setting"),
                    ("setting group", "Setting group"),
                    ("teaching group", "Teaching group"),
                    ("local area", "Local area"),
                    ("looked after", "Team for those whom a local area looks after"),
                    ("deployment", "Specialist's deployment"),
                    ("user", "Person"),
                ],
                max_length=14,
            ),
        ),
        migrations.CreateModel(
            name="Referral",
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
                ("why", models.CharField(max_length=300)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                (
                    "deployment",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        to="access.membership",
                    ),
                ),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="referrals",
                        to="learners.learner",
                    ),
                ),
                (
                    "referred_by",
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None),
                            ("ends_on__gte", models.F("starts_on")),
                            _connector="OR",
                        ),
                        name="referral_dates",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("ends_on", None)),
                        fields=("learner", "deployment"),
                        name="referred_once",
                    ),
                ],
            },
        ),
        *key_defaults(TABLE),
        # A family is told of a referral by people: the reason may name others.
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=rs.reads_as_organisation(LEARNER)),
            rs.policy("referred", "INSERT", check=HOLDS),
            rs.policy("ended", "UPDATE", using=HOLDS, check=HOLDS),
        ),
        keep(TABLE),
        migrations.RunSQL(
            LOOKED_AFTER,
            "DELETE FROM learners_learneraccess WHERE grantee_kind = 'looked after'",
        ),
    ]
