"""A connected system that was ended keeps its row, since the log names it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0005_role_dates")]

    operations = [
        migrations.AddField(
            model_name="apiclient",
            name="ended_at",
            field=models.DateTimeField(null=True),
        ),
    ]
