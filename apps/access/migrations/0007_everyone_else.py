"""Roles at groups, of specialists and of authorities; and records that a setting opens to them."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.common.models
from apps.audit.history import keep
from apps.common.migrations_sql import key_defaults


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0006_ended_clients"),
        ("education_settings", "0005_looked_after_team"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Opening",
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
            ],
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_where_the_role_is_held",
        ),
        migrations.AddField(
            model_name="invitation",
            name="setting_group",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="education_settings.settinggroup",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="setting_group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="education_settings.settinggroup",
            ),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="role",
            field=models.CharField(
                blank=True,
                choices=[
                    ("senco", "SENCO"),
                    ("assistant-senco", "Assistant SENCO"),
                    ("head", "Head"),
                    ("safeguarding-lead", "Designated safeguarding lead"),
                    ("inclusion", "Inclusion team"),
                    ("teacher", "Teacher"),
                    ("support-staff", "Support staff"),
                    ("specialist", "Specialist"),
                    ("governor", "Governor"),
                    ("trust-lead", "Trust inclusion lead"),
                    ("officer", "Partnership officer"),
                    ("analyst", "Partnership analyst"),
                    ("board", "Partnership board member"),
                    ("area-senco", "Area SENCO"),
                    ("early-years-teacher", "Early-years specialist teacher"),
                    ("virtual-head", "Virtual school head"),
                    ("social-worker", "Social worker"),
                    ("institute-editor", "National Institute editor"),
                    ("administrator", "Administrator"),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("senco", "SENCO"),
                    ("assistant-senco", "Assistant SENCO"),
                    ("head", "Head"),
                    ("safeguarding-lead", "Designated safeguarding lead"),
                    ("inclusion", "Inclusion team"),
                    ("teacher", "Teacher"),
                    ("support-staff", "Support staff"),
                    ("specialist", "Specialist"),
                    ("governor", "Governor"),
                    ("trust-lead", "Trust inclusion lead"),
                    ("officer", "Partnership officer"),
                    ("analyst", "Partnership analyst"),
                    ("board", "Partnership board member"),
                    ("area-senco", "Area SENCO"),
                    ("early-years-teacher", "Early-years specialist teacher"),
                    ("virtual-head", "Virtual school head"),
                    ("social-worker", "Social worker"),
                    ("institute-editor", "National Institute editor"),
                    ("administrator", "Administrator"),
                ],
                max_length=20,
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("local_area", None),
                        (
                            "role__in",
                            [
                                "senco",
                                "assistant-senco",
                                "head",
                                "safeguarding-lead",
                                "inclusion",
                                "teacher",
                                "support-staff",
                                "specialist",
                                "governor",
                            ],
                        ),
                        ("setting__isnull", False),
                        ("setting_group", None),
                    ),
                    models.Q(
                        ("local_area", None),
                        ("role__in", ["trust-lead"]),
                        ("setting", None),
                        ("setting_group__isnull", False),
                    ),
                    models.Q(
                        ("local_area__isnull", False),
                        (
                            "role__in",
                            [
                                "officer",
                                "analyst",
                                "board",
                                "area-senco",
                                "early-years-teacher",
                                "virtual-head",
                                "social-worker",
                            ],
                        ),
                        ("setting", None),
                        ("setting_group", None),
                    ),
                    models.Q(
                        ("local_area", None),
                        ("role__in", ["institute-editor", "administrator"]),
                        ("setting", None),
                        ("setting_group", None),
                    ),
                    _connector="OR",
                ),
                name="membership_where_the_role_is_held",
            ),
        ),
        migrations.AddField(
            model_name="opening",
            name="local_area",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="education_settings.localarea",
            ),
        ),
        migrations.AddField(
            model_name="opening",
            name="opened_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="opening",
            name="setting",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="openings",
                to="education_settings.setting",
            ),
        ),
        migrations.AddField(
            model_name="opening",
            name="setting_group",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="education_settings.settinggroup",
            ),
        ),
        migrations.AddIndex(
            model_name="opening",
            index=models.Index(fields=["setting_group", "setting"], name="opening_to_group"),
        ),
        migrations.AddIndex(
            model_name="opening",
            index=models.Index(fields=["local_area", "setting"], name="opening_to_area"),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"
                ),
                name="opening_dates",
            ),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.CheckConstraint(
                condition=models.Q(("why", ""), _negated=True), name="opening_says_why"
            ),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("local_area", None), ("setting_group__isnull", False)),
                    models.Q(("local_area__isnull", False), ("setting_group", None)),
                    _connector="OR",
                ),
                name="opening_to_group_or_area",
            ),
        ),
        migrations.AddConstraint(
            model_name="opening",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ends_on", None)),
                fields=("setting", "setting_group", "local_area"),
                name="opened_once",
                nulls_distinct=False,
            ),
        ),
        *key_defaults("access_opening"),
        keep("access_opening", learner=""),
    ]
