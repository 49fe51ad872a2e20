"""A sealed record is read by none of those who held it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("learners", "0014_closed"),
    ]

    operations = [
        migrations.AddField(
            model_name="recordholder",
            name="sealed",
            field=models.BooleanField(
                default=False, verbose_name="no former holder reads what it held"
            ),
        ),
    ]
