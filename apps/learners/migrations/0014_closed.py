"""Why a record is closed, and the day on which a child died."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("education_settings", "0004_history"),
        ("learners", "0013_family_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name="learner",
            name="closed_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Open"),
                    ("died", "The child has died"),
                    ("joined", "Joined to another record"),
                    ("sealed", "Sealed"),
                ],
                max_length=6,
                verbose_name="why the record is closed",
            ),
        ),
        migrations.AddField(
            model_name="learner",
            name="died_on",
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="learner",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("closed_because", "died"), ("died_on__gte", models.F("date_of_birth"))
                    ),
                    models.Q(
                        models.Q(("closed_because", "died"), _negated=True), ("died_on", None)
                    ),
                    _connector="OR",
                ),
                name="died_on_a_day",
            ),
        ),
    ]
