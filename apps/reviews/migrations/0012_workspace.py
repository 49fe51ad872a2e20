"""What the open review's page needs: who says that it is still so, phrases, who saved a place when."""

import django.db.models.deletion
from django.db import migrations, models

import apps.common.models
from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TRUE = "reviews_stilltrue"
HELD = rs.holds(f"{TRUE}.learner_id")
# What goes with the open review is the reviewers' own until it is signed, and stays then.
IN_STATE = (
    f"EXISTS (SELECT FROM reviews_review r WHERE r.id = {TRUE}.review_id"
    f" AND r.learner_id = {TRUE}.learner_id AND r.state = '%s')"
)
OPEN, SIGNED = IN_STATE % "open", IN_STATE % "signed off"
READABLE = (
    f"{TRUE}.statement_id IS NULL"
    f" OR EXISTS (SELECT FROM reviews_statement s WHERE s.id = {TRUE}.statement_id)"
)

FROZEN = """
    CREATE OR REPLACE FUNCTION reviews_statement_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' AND (OLD.withdrawn_no IS NULL AND {allow}) THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'A statement is replaced or withdrawn by a later review, never rewritten.'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$;
"""
BEFORE = FROZEN.format(
    allow="NEW.withdrawn_no IS NOT NULL AND "
    "to_jsonb(NEW) - 'withdrawn_no' = to_jsonb(OLD) - 'withdrawn_no'"
)
# The order in which what is in force is read may change: the text signed keeps the one it had.
NOW = FROZEN.format(
    allow="to_jsonb(NEW) - 'withdrawn_no' - 'order' = to_jsonb(OLD) - 'withdrawn_no' - 'order'"
)


class Migration(migrations.Migration):
    dependencies = [
        ("education_settings", "0005_looked_after_team"),
        ("learners", "0015_sealed"),
        ("reviews", "0011_ask_me_first"),
    ]

    operations = [
        migrations.AlterField(
            model_name="draftchange",
            name="change",
            field=models.CharField(
                choices=[
                    ("add", "Add"),
                    ("replace", "Replace"),
                    ("withdraw", "Withdraw"),
                    ("order", "Read earlier or later"),
                ],
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="draftchange",
            name="version",
            field=models.IntegerField(default=1),
        ),
        migrations.AddField(
            model_name="progress",
            name="version",
            field=models.IntegerField(default=1),
        ),
        migrations.CreateModel(
            name="Phrase",
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
                            ("strength", "What I can do"),
                            ("aspiration", "What I hope for"),
                            ("need", "Need"),
                            ("harder", "What makes it harder for me"),
                            ("support", "Support"),
                            ("adaptation", "Adaptation"),
                            ("outcome", "Outcome"),
                        ],
                        max_length=10,
                    ),
                ),
                ("text", models.CharField(max_length=500)),
                ("kept_at", models.DateTimeField()),
                (
                    "setting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="phrases",
                        to="education_settings.setting",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("setting", "kind", "text"), name="phrase_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="StillTrue",
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
                        blank=True,
                        choices=[
                            ("strength", "What I can do"),
                            ("aspiration", "What I hope for"),
                            ("need", "Need"),
                            ("harder", "What makes it harder for me"),
                            ("support", "Support"),
                            ("adaptation", "Adaptation"),
                            ("outcome", "Outcome"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "said_by",
                    models.CharField(max_length=200, verbose_name="name of whoever said so"),
                ),
                ("said_at", models.DateTimeField()),
                (
                    "learner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, to="learners.learner"
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="still_true",
                        to="reviews.review",
                    ),
                ),
                (
                    "statement",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="reviews.statement",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("review", "statement", "kind"),
                        name="still_true_once",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("statement", None), ("kind", ""), _connector="OR"),
                        name="still_true_of_one_thing",
                    ),
                ],
            },
        ),
        *key_defaults("reviews_phrase", TRUE),
        rs.organisation_table("reviews_phrase"),
        rs.protect(
            TRUE,
            rs.policy(
                "seen",
                "SELECT",
                using=f"({HELD} OR ({rs.reads_where(f'{TRUE}.learner_id')} AND {SIGNED}))"
                f" AND ({READABLE})",
            ),
            rs.policy("said", "INSERT", check=f"{HELD} AND {OPEN}"),
            rs.policy("taken_back", "DELETE", using=f"{HELD} AND {OPEN}"),
        ),
        history.keep("reviews_phrase", learner=""),
        history.keep(TRUE),
        migrations.RunSQL(NOW, BEFORE),
    ]
