"""Practice guides for needs that a learner has together."""

from django.db import migrations, models

from apps.audit.history import keep


class Migration(migrations.Migration):
    """Links to the boxes from which such a guide helps; they keep what they were."""

    dependencies = [("framework", "0002_history"), ("audit", "0004_history_and_chain")]

    operations = [
        migrations.AddField(
            model_name="practiceguide",
            name="together",
            field=models.ManyToManyField(related_name="guides_together", to="framework.descriptor"),
        ),
        keep("framework_practiceguide_together", learner=""),
    ]
