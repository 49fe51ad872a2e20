"""Tables for what changed, the chain of seals and its checkpoints."""

from django.db import migrations, models

import apps.common.models


class Migration(migrations.Migration):
    """The tables alone; the next migration makes them the audit role's."""

    dependencies = [("audit", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="Change",
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
                ("at", models.DateTimeField()),
                ("actor_id", models.UUIDField(null=True)),
                ("actor_kind", models.CharField(blank=True, max_length=20)),
                ("database_role", models.CharField(max_length=63)),
                ("table_name", models.CharField(max_length=63)),
                ("row_id", models.CharField(max_length=63)),
                ("learner_id", models.UUIDField(null=True)),
                ("old_values", models.JSONField()),
                ("new_values", models.JSONField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["learner_id", "-at"], name="change_of_learner")],
            },
        ),
        migrations.CreateModel(
            name="Checkpoint",
            fields=[
                (
                    "number",
                    models.BigIntegerField(editable=False, primary_key=True, serialize=False),
                ),
                ("digest", models.BinaryField()),
                ("made_at", models.DateTimeField()),
                ("public_key", models.BinaryField()),
                ("signature", models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name="Seal",
            fields=[
                (
                    "number",
                    models.BigIntegerField(editable=False, primary_key=True, serialize=False),
                ),
                (
                    "log",
                    models.CharField(
                        choices=[("event", "Event"), ("access", "Access"), ("change", "Change")],
                        max_length=6,
                    ),
                ),
                ("entry_id", models.UUIDField(unique=True)),
                ("sealed_at", models.DateTimeField()),
                ("digest", models.BinaryField()),
            ],
        ),
    ]
