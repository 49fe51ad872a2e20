"""How often a link was tried by e-mail, what went wrong, and when it is tried again."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reviews", "0023_absence")]

    operations = [
        migrations.AddField(
            model_name="ask",
            name="attempts",
            field=models.SmallIntegerField(
                default=0, verbose_name="how often the next e-mail was tried"
            ),
        ),
        migrations.AddField(
            model_name="ask",
            name="last_error",
            field=models.CharField(blank=True, max_length=300),
        ),
        migrations.AddField(
            model_name="ask",
            name="not_before",
            field=models.DateTimeField(null=True, verbose_name="it is not tried again before"),
        ),
    ]
