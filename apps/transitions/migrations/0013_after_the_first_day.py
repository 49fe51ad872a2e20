"""Whoever handed a record over reads the move itself after the first day, and answers about it."""

from django.db import migrations

from apps.common import row_security as rs

MOVE, QUERY = "transitions_transition", "transitions_query"
# As `policy.handed_over_by`: a setting, as long as it reads what it held (learners 0008). A sealed
# record's holders of before are not there for it.
HANDED_OVER = f"""state = 'completed' AND from_setting_id = ANY ({rs.HOLD_LIST}) AND EXISTS (
    SELECT 1 FROM learners_recordholder h
    WHERE h.learner_id = {MOVE}.learner_id AND h.setting_id = {MOVE}.from_setting_id
      AND NOT h.sealed)"""
# The move is asked for under its own policies: nobody has a question whose move they may not read.
OF_MOVE = f"""EXISTS (
    SELECT 1 FROM {MOVE} t WHERE t.id = {QUERY}.transition_id AND t.state = 'completed'
      AND coalesce(t.from_setting_id, t.from_area_id) = ANY ({rs.HOLD_LIST})
      AND coalesce(t.from_setting_id, t.from_area_id) <> {QUERY}.asked_for)"""
ASKED = f"""EXISTS (
    SELECT 1 FROM {MOVE} t WHERE t.id = {QUERY}.transition_id AND t.state = 'completed'
      AND coalesce(t.from_setting_id, t.from_area_id) = ANY ({rs.HOLD_LIST}))"""
APP = rs.app()


class Migration(migrations.Migration):
    """Two more ways to read, and one to write: the answer to a question that is open."""

    dependencies = [
        ("transitions", "0012_work_between_settings"),
        ("learners", "0015_sealed"),
    ]
    operations = [
        migrations.RunSQL(
            f"CREATE POLICY handed_over ON {MOVE} FOR SELECT TO {APP} USING ({HANDED_OVER});"
            f"CREATE POLICY handed_over ON {QUERY} FOR SELECT TO {APP} USING ({ASKED});"
            f"CREATE POLICY answered ON {QUERY} FOR UPDATE TO {APP}"
            f" USING (answered_at IS NULL AND {OF_MOVE})"
            f" WITH CHECK (answered_at IS NOT NULL AND {OF_MOVE});",
            f"DROP POLICY answered ON {QUERY}; DROP POLICY handed_over ON {QUERY};"
            f"DROP POLICY handed_over ON {MOVE};",
        ),
    ]
