"""A line of ones, all hidden, told by its total that each of them is one."""

from django.db import migrations

# As before, with one learner more: where every hidden cell is one, a line with a two and a nought
# looks the same, so that neither is known.
HIDDEN = """
    CREATE OR REPLACE FUNCTION partnerships_hidden(cells integer[]) RETURNS boolean[]
    LANGUAGE plpgsql IMMUTABLE SET search_path = public, pg_temp AS $$
    DECLARE
        hidden boolean[] := (SELECT coalesce(array_agg(c BETWEEN 1 AND 4 ORDER BY i), '{}')
                             FROM unnest(cells) WITH ORDINALITY AS u(c, i));
        many integer;
        learners integer;
        another integer;
    BEGIN
        IF (SELECT sum(c) FROM unnest(cells) AS c) < 5 THEN
            RETURN hidden;
        END IF;
        LOOP
            SELECT count(*), coalesce(sum(c), 0) INTO many, learners
            FROM unnest(cells, hidden) AS u(c, h) WHERE h;
            EXIT WHEN many = 0 OR (many >= 2 AND learners >= 5 AND learners > many + 1);
            SELECT i INTO another FROM unnest(cells, hidden) WITH ORDINALITY AS u(c, h, i)
            WHERE NOT h ORDER BY c = 0, c, i LIMIT 1;
            EXIT WHEN another IS NULL;
            hidden[another] := true;
        END LOOP;
        RETURN hidden;
    END $$;
"""


class Migration(migrations.Migration):
    """One function in other words."""

    dependencies = [("partnerships", "0002_registers")]
    operations = [migrations.RunSQL(HIDDEN, migrations.RunSQL.noop)]
