"""A person's own views of a register; nobody else reads them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.models
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "register_savedview"
OWN = f"{TABLE}.user_id::text = current_setting('lr.actor', true)"


class Migration(migrations.Migration):
    dependencies = [
        ("education_settings", "0005_looked_after_team"),
        ("register", "0006_brought_over_rules"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
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
                ("name", models.CharField(max_length=60)),
                (
                    "query",
                    models.CharField(
                        max_length=500, verbose_name="the address's query, which names nobody"
                    ),
                ),
                (
                    "setting",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="education_settings.setting",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "setting", "name"), name="saved_view_once"
                    )
                ],
            },
        ),
        *key_defaults(TABLE),
        rs.protect(TABLE, rs.policy("own", "ALL", using=OWN, check=OWN)),
    ]
