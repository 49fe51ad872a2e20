"""Rule 3 has a third reason: brought over from a list that the setting had."""

from importlib import import_module

from django.db import migrations

before = import_module("apps.lives.migrations.0002_rules").RULE_3_OPEN
trigger = import_module("apps.reviews.migrations.0003_register_rule").trigger

PLAN = """        OR EXISTS (
            SELECT 1 FROM learners_ehcplan p"""
BROUGHT_OVER = """        OR EXISTS (
            SELECT 1 FROM register_broughtover b
            WHERE b.learner_id = whose AND b.ended_on IS NULL)
"""
now = before.replace(PLAN, BROUGHT_OVER + PLAN)
assert now != before


class Migration(migrations.Migration):
    """The function, and the one more table from which it is told."""

    dependencies = [("lives", "0004_sealing"), ("register", "0006_brought_over_rules")]

    operations = [
        migrations.RunSQL(now, before),
        migrations.RunSQL(
            trigger("register_broughtover"),
            "DROP TRIGGER register_is_true ON register_broughtover;",
        ),
    ]
