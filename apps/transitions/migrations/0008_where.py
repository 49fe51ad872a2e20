"""Moves, and what was sent where, are not for those from whom it is withheld where a learner is."""

from importlib import import_module

from django.db import migrations

from apps.common import row_security as rs

MOVE, DELIVERY = "transitions_transition", "transitions_delivery"
TOLD = import_module("apps.transitions.migrations.0007_family_walls").TOLD.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
TOLD_NOW = TOLD.replace(rs.reads("of_learner"), rs.reads_where("of_learner"))
assert TOLD_NOW != TOLD

# A place that is planned is a place: words accepted while whereabouts are withheld are asked anew.
ASK_AGAIN = f"""
    CREATE TRIGGER ask_again AFTER INSERT OR UPDATE OF to_setting_id ON {MOVE} FOR EACH ROW
        EXECUTE FUNCTION learners_ask_again();
"""


class Migration(migrations.Migration):
    """Who reads of a move."""

    dependencies = [("transitions", "0007_family_walls"), ("learners", "0013_family_rules")]

    operations = [
        rs.reread(
            MOVE, now=rs.reads_where(f"{MOVE}.learner_id"), before=rs.reads(f"{MOVE}.learner_id")
        ),
        rs.reread(
            DELIVERY,
            now=f"{rs.WORKER} OR {rs.reads_where(f'{DELIVERY}.learner_id')}",
            before=f"{rs.WORKER} OR {rs.reads(f'{DELIVERY}.learner_id')}",
        ),
        migrations.RunSQL(TOLD_NOW, TOLD),
        migrations.RunSQL(ASK_AGAIN, f"DROP TRIGGER ask_again ON {MOVE};"),
    ]
