"""A copy for somebody who may not know where the learner is says nothing of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Whether they may know, where that is withheld."""

    dependencies = [
        ("rights", "0009_dispose"),
    ]

    operations = [
        migrations.AddField(
            model_name="export",
            name="may_know_where",
            field=models.BooleanField(null=True, verbose_name="may know where the learner is"),
        ),
    ]
