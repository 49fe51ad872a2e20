"""Figures for roles that open no learner: counted, and hidden where they are small, in one place."""

from django.db import migrations

from apps.common import row_security as rs

# Which cells of a line are hidden, so that neither a cell nor the total minus the rest gives away a
# number under five. A line is cells that add up to a total that is shown; when the total itself is
# under five, whoever asks hides it, and the small cells are enough. Otherwise more cells are hidden,
# the smallest first and zeros last, until at least two are, with five learners or more in them and
# more learners than cells: then no hidden cell has only one number that it could be.
HIDDEN = """
    CREATE FUNCTION partnerships_hidden(cells integer[]) RETURNS boolean[]
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
            EXIT WHEN many = 0 OR (many >= 2 AND learners >= 5 AND learners > many);
            SELECT i INTO another FROM unnest(cells, hidden) WITH ORDINALITY AS u(c, h, i)
            WHERE NOT h ORDER BY c = 0, c, i LIMIT 1;
            EXIT WHEN another IS NULL;
            hidden[another] := true;
        END LOOP;
        RETURN hidden;
    END $$;
"""

# A setting, a group, a local area, or with the key of zeros the country by local area. Only for a
# key in lr.figures. What the context may read learner by learner is told exactly and protects
# nothing: what is hidden is decided on the rest alone. Rows: the level of need in each area (level
# '' is not described yet), then the totals, of the whole (no place) and of each place in it.
FIGURES = f"""
    CREATE FUNCTION partnerships_figures(scope uuid, of_year integer, of_term text)
    RETURNS TABLE (measure text, place uuid, place_name text, area text, level text, learners integer)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
    #variable_conflict use_column
    DECLARE
        readable uuid[] := coalesce({rs.READ_LIST}, '{{}}');
        country boolean := scope = '00000000-0000-0000-0000-000000000000';
        ours uuid[];
    BEGIN
        IF scope IS NULL OR NOT scope = ANY (coalesce({rs.FIGURES_LIST}, '{{}}')) THEN
            RETURN;
        END IF;
        ours := ARRAY(SELECT s.id FROM education_settings_setting s
                      WHERE scope IN (s.id, s.local_area_id, s.group_id));
        RETURN QUERY
        WITH listed AS MATERIALIZED (
            SELECT CASE WHEN country THEN coalesce(s.local_area_id, r.local_area_id)
                        ELSE coalesce(r.setting_id, r.local_area_id) END AS place,
                   scope = ANY (readable) OR coalesce(r.setting_id = ANY (readable), false) AS known,
                   r.levels,
                   EXISTS (SELECT 1 FROM reviews_review v
                           WHERE v.learner_id = r.learner_id AND v.state = 'signed off'
                             AND v.kind IN ('termly', 'first')
                             AND v.year = of_year AND v.term = of_term) AS reviewed
            FROM register_registerentry r
            LEFT JOIN education_settings_setting s ON s.id = r.setting_id
            WHERE r.ends_on IS NULL AND NOT r.also_here
              AND (country OR r.setting_id = ANY (ours) OR r.local_area_id = scope)
        ), counted AS MATERIALIZED (
            SELECT l.place, l.known, l.levels, l.reviewed, count(*)::integer AS n
            FROM listed l GROUP BY 1, 2, 3, 4
        ), sums AS (
            SELECT coalesce(sum(n), 0)::integer AS all_of_them,
                   coalesce(sum(n) FILTER (WHERE NOT known), 0)::integer AS n,
                   coalesce(sum(n) FILTER (WHERE reviewed), 0)::integer AS all_reviewed,
                   coalesce(sum(n) FILTER (WHERE reviewed AND NOT known), 0)::integer AS reviewed
            FROM counted
        ), whole AS (
            SELECT *, n BETWEEN 1 AND 4 AS tiny,
                   (partnerships_hidden(ARRAY[reviewed, n - reviewed]))[1] AS reviews_hidden
            FROM sums
        ), boxes AS (
            SELECT a.code AS area, a."order" AS place_of_area, l.code AS level, l.rank
            FROM framework_frameworkversion f
            JOIN framework_area a ON a.version_id = f.id
            CROSS JOIN LATERAL (SELECT code, rank FROM framework_level WHERE version_id = f.id
                                UNION ALL SELECT '', -1) l
            WHERE f.status = 'published'
        ), in_boxes AS (
            SELECT a.area, coalesce(b.level, '') AS level, c.known, sum(c.n)::integer AS n
            FROM (SELECT DISTINCT area FROM boxes) a CROSS JOIN counted c
            LEFT JOIN boxes b ON b.area = a.area AND b.level = c.levels -> a.area ->> 'level'
            GROUP BY 1, 2, 3
        ), cells AS (
            SELECT b.area, b.place_of_area, b.level, b.rank,
                   coalesce(sum(i.n), 0)::integer AS all_of_them,
                   coalesce(sum(i.n) FILTER (WHERE NOT i.known), 0)::integer AS n
            FROM boxes b LEFT JOIN in_boxes i ON i.area = b.area AND i.level = b.level
            GROUP BY 1, 2, 3, 4
        ), lines AS (
            SELECT c.area, c.place_of_area, array_agg(c.level ORDER BY c.rank) AS level,
                   array_agg(c.all_of_them ORDER BY c.rank) AS all_of_them,
                   partnerships_hidden(array_agg(c.n ORDER BY c.rank)) AS hidden
            FROM cells c GROUP BY 1, 2
        ), there AS (
            SELECT p.place, p.name, coalesce(bool_and(c.known), false) AS known,
                   coalesce(sum(c.n), 0)::integer AS n,
                   coalesce(sum(c.n) FILTER (WHERE c.reviewed), 0)::integer AS reviewed,
                   coalesce(sum(c.n) FILTER (WHERE NOT c.known), 0)::integer AS rest,
                   coalesce(sum(c.n) FILTER (WHERE NOT c.known AND c.reviewed), 0)::integer
                       AS rest_reviewed
            FROM (SELECT s.id AS place, s.name FROM education_settings_setting s
                  WHERE s.id = ANY (ours) AND s.id <> scope AND s.status <> 'closed'
                  UNION ALL
                  SELECT a.id, a.name FROM education_settings_localarea a
                  WHERE (country AND a.ends_on IS NULL) OR a.id = scope) p
            LEFT JOIN counted c ON c.place = p.place
            GROUP BY 1, 2
        ), columns AS (
            SELECT array_agg(t.place ORDER BY t.place) AS place,
                   partnerships_hidden(array_agg(t.rest ORDER BY t.place)) AS n,
                   partnerships_hidden(array_agg(t.rest_reviewed ORDER BY t.place)) AS reviewed,
                   partnerships_hidden(
                       array_agg(t.rest - t.rest_reviewed ORDER BY t.place)) AS waiting
            FROM there t WHERE NOT t.known
        ), hidden AS (
            SELECT u.place, u.n OR w.tiny AS n, u.n OR u.reviewed OR u.waiting OR w.tiny AS reviews
            FROM columns c, whole w,
                 unnest(c.place, c.n, c.reviewed, c.waiting) AS u(place, n, reviewed, waiting)
        )
        SELECT * FROM (
            SELECT 'level', NULL::uuid, NULL::text, l.area::text, u.level::text,
                   CASE WHEN NOT (u.hidden OR w.tiny) THEN u.all_of_them END
            FROM lines l, whole w, unnest(l.level, l.all_of_them, l.hidden)
                WITH ORDINALITY AS u(level, all_of_them, hidden, i)
            ORDER BY l.place_of_area, u.i) level
        UNION ALL
        SELECT m.measure, NULL, NULL, NULL, NULL, m.n FROM whole w, LATERAL (VALUES
            ('on the register', CASE WHEN NOT w.tiny THEN w.all_of_them END),
            ('reviewed', CASE WHEN NOT (w.tiny OR w.reviews_hidden) THEN w.all_reviewed END),
            ('waiting', CASE WHEN NOT (w.tiny OR w.reviews_hidden)
                             THEN w.all_of_them - w.all_reviewed END)) AS m(measure, n)
        UNION ALL
        SELECT m.measure, t.place, t.name::text, NULL, NULL, m.n
        FROM there t LEFT JOIN hidden h ON h.place = t.place, LATERAL (VALUES
            ('on the register', CASE WHEN h.n IS NOT TRUE THEN t.n END),
            ('reviewed', CASE WHEN h.reviews IS NOT TRUE THEN t.reviewed END),
            ('waiting', CASE WHEN h.reviews IS NOT TRUE THEN t.n - t.reviewed END)
        ) AS m(measure, n);
    END $$;
    REVOKE ALL ON FUNCTION partnerships_figures FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION partnerships_figures TO {rs.app()};
"""


class Migration(migrations.Migration):
    """Two functions: which cells are hidden, and the figures."""

    dependencies = [
        ("reviews", "0008_open_review_of_learner"),
        ("register", "0003_history"),
        ("framework", "0002_history"),
        ("education_settings", "0005_looked_after_team"),
    ]

    operations = [
        migrations.RunSQL(HIDDEN, "DROP FUNCTION partnerships_hidden"),
        migrations.RunSQL(FIGURES, "DROP FUNCTION partnerships_figures"),
    ]
