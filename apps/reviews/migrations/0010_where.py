"""What a record says of where a learner is, for an adult from whom that is withheld: nothing."""

from importlib import import_module

from django.db import migrations

from apps.common import row_security as rs

REVIEW, STATEMENT, PROGRESS, CONTRIBUTION, ANSWER = (
    "reviews_review",
    "reviews_statement",
    "reviews_progress",
    "reviews_contribution",
    "reviews_acknowledgement",
)
rules = import_module("apps.reviews.migrations.0002_rules")
acknowledgement = import_module("apps.reviews.migrations.0006_own_acknowledgement")


def instead(condition: str, table: str) -> str:
    """The same condition, for those alone who may know where the learner is."""
    now = condition.replace(rs.reads(f"{table}.learner_id"), rs.reads_where(f"{table}.learner_id"))
    assert now != condition
    return now


# Like the other drafts, what is said of outcomes is the reviewers' own until the review is signed.
PROGRESS_READ = (
    f"{rs.holds(f'{PROGRESS}.learner_id')} OR ({rs.reads_where(f'{PROGRESS}.learner_id')} AND"
    f" EXISTS (SELECT FROM {REVIEW} r WHERE r.id = {PROGRESS}.review_id"
    " AND r.state = 'signed off'))"
)
SAID = (
    f"({rs.reads(f'{STATEMENT}.learner_id')} AND audience = 'everyone') OR {rules.staff(STATEMENT)}"
)

# Words that tell nobody where a learner is, though a setting or a role is called so.
COMMON = (
    "school,schools,primary,secondary,high,academy,college,nursery,infant,infants,"
    "junior,special,hospital,house,church,england,catholic,roman,saint,community,"
    "grammar,sixth,form,centre,center,early,years,childminding,childminder,preschool,"
    "playgroup,education,learning,support,trust,park,hill,grove,lane,rise,street,"
    "road,avenue,close,the,and,for,with,free,new,old,north,south,east,west,upper,"
    "lower,local,area,council,county,borough,city,town,senco,teacher,head,officer,"
    "assistant,lead,staff,team,class,inclusion,governor"
)
# Those of them that say what kind of place it is: two together tell nobody which.
KINDS = (
    "school,schools,primary,secondary,high,academy,college,nursery,infant,infants,junior,"
    "special,hospital,grammar,sixth,form,centre,center,early,years,preschool,playgroup,"
    "education,learning,support,trust,community,free,church,england,catholic,roman,the,"
    "and,for,with,of,at,in,c,e,ce,rc,va,vc,aided,voluntary,controlled"
)

# What such an adult reads of a record comes through functions: no place, no names, no moves.
FUNCTIONS = f"""
    -- Every word of the names of places that have to do with the learner and of those who work
    -- there, as one pattern; of titles, since a name follows; and, for a place whose name is made
    -- of common words, each two that stand together. For the functions below alone. (PL/pgSQL,
    -- which looks for moves when it runs: their table comes later.)
    CREATE FUNCTION reviews_place_words(of_learner uuid) RETURNS text
    LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
    BEGIN RETURN (
        WITH organisations AS (
            SELECT grantee_id AS id FROM learners_learneraccess
            WHERE learner_id = of_learner AND grantee_kind IN ('setting', 'local area')
            UNION SELECT setting_id FROM learners_enrolment WHERE learner_id = of_learner
            UNION SELECT to_setting_id FROM transitions_transition WHERE learner_id = of_learner
            UNION SELECT home_area_id FROM learners_learner WHERE id = of_learner
            UNION SELECT looked_after_by_id FROM learners_learner WHERE id = of_learner),
        names AS (
            SELECT s.name || ' ' || s.address || ' ' || s.postcode || ' ' || a.name AS name
            FROM organisations o JOIN education_settings_setting s ON s.id = o.id
            JOIN education_settings_localarea a ON a.id = s.local_area_id
            UNION SELECT a.name FROM organisations o JOIN education_settings_localarea a USING (id)
            UNION SELECT u.name FROM organisations o
            JOIN access_membership m ON coalesce(m.setting_id, m.local_area_id) = o.id
            JOIN accounts_user u ON u.id = m.user_id
            UNION SELECT signed_off_name FROM reviews_review WHERE learner_id = of_learner
            UNION SELECT author_name FROM reviews_contribution
            WHERE learner_id = of_learner AND voice IN ('teacher', 'specialist')),
        words AS (
            SELECT DISTINCT word FROM names, regexp_split_to_table(lower(name), '[^[:alnum:]]+') word
            WHERE length(word) > 2 AND word <> ALL ('{{{COMMON}}}')),
        places AS (
            SELECT regexp_split_to_array(lower(s.name), '[^[:alnum:]]+') AS said
            FROM organisations o JOIN education_settings_setting s USING (id)),
        pairs AS (
            SELECT DISTINCT said[i] || '[^[:alnum:]]+' || said[i + 1] AS word
            FROM places, generate_series(1, cardinality(said) - 1) i
            WHERE said[i] <> '' AND said[i + 1] <> ''
                AND NOT (said[i] = ANY ('{{{KINDS}}}') AND said[i + 1] = ANY ('{{{KINDS}}}')))
        SELECT '\\m(mr|mrs|ms|miss|mx|dr'
            || coalesce('|' || string_agg(word, '|'), '') || ')\\M'
        FROM (SELECT word FROM words UNION SELECT word FROM pairs) found);
    END $$;
    REVOKE ALL ON FUNCTION reviews_place_words FROM PUBLIC;

    -- The statements in force that name a place or a person there, for whoever keeps the record.
    CREATE FUNCTION reviews_naming_places(of_learner uuid) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE words text := reviews_place_words(of_learner);
    BEGIN
        IF {rs.reads_as_organisation("of_learner")} THEN
            RETURN QUERY SELECT s.id FROM reviews_statement s
            WHERE s.learner_id = of_learner AND s.withdrawn_no IS NULL
              AND s.audience = 'everyone' AND s.kind IN ('strength', 'need', 'support')
              AND s.text || ' ' || s.details ~* words;
        END IF;
    END $$;

    CREATE FUNCTION reviews_without_places(of_learner uuid) RETURNS TABLE (
        id uuid, record_id uuid, learner_id uuid, kind text, area_id uuid, level_id uuid, text text,
        details jsonb, audience text, audience_reason text, "order" smallint,
        introduced_no integer, withdrawn_no integer, replaces_id uuid
    ) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    DECLARE words text := reviews_place_words(of_learner);
    BEGIN
        IF NOT {rs.reads("of_learner")} THEN
            RETURN;
        END IF;
        RETURN QUERY
        SELECT s.id, s.record_id, s.learner_id, s.kind::text, s.area_id, s.level_id, s.text,
            CASE s.kind WHEN 'need' THEN jsonb_build_object('evidence', coalesce(
                (SELECT jsonb_agg(jsonb_build_object('what', e -> 'what'))
                 FROM jsonb_path_query(s.details, '$.evidence[*]') e), '[]'))
            ELSE coalesce((SELECT jsonb_object_agg(d.key, d.value) FROM jsonb_each(s.details) d
                 WHERE d.key IN ('how_often', 'minutes', 'sessions_a_week', 'group_size')), '{{}}')
            END, 'everyone'::text, ''::text, s."order", s.introduced_no, NULL::integer, NULL::uuid
        FROM reviews_statement s
        WHERE s.learner_id = of_learner AND s.withdrawn_no IS NULL
          AND s.audience = 'everyone' AND s.kind IN ('strength', 'need', 'support')
          AND (s.text || ' ' || s.details !~* words OR EXISTS (
              SELECT FROM learners_withheldwhereabouts w WHERE w.learner_id = of_learner
              AND w.ends_on IS NULL AND s.id = ANY (w.accepted)));
    END $$;

    CREATE FUNCTION reviews_reviewed_on(of_learner uuid) RETURNS SETOF date
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF {rs.reads("of_learner")} THEN
            RETURN QUERY SELECT (signed_off_at AT TIME ZONE 'Europe/London')::date
            FROM reviews_review WHERE learner_id = of_learner AND state = 'signed off'
            ORDER BY number DESC;
        END IF;
    END $$;

    -- What an adult said who may know neither the open review nor who keeps the record: it comes to
    -- both all the same.
    CREATE FUNCTION reviews_hand_in(contribution uuid, words text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        said reviews_contribution;
    BEGIN
        SELECT * INTO said FROM reviews_contribution c WHERE c.id = contribution
            AND c.review_id IS NULL AND c.author_id::text = current_setting('lr.actor', true);
        IF said.id IS NULL OR NOT {rs.contributes("said.learner_id")} THEN
            RETURN;
        END IF;
        UPDATE reviews_contribution SET review_id = (SELECT r.id FROM reviews_review r
            WHERE r.learner_id = said.learner_id AND r.state = 'open') WHERE id = said.id;
        UPDATE reviews_ask SET state = 'answered', answered_at = said.said_at
            WHERE learner_id = said.learner_id AND user_id = said.author_id AND state = 'asked';
        INSERT INTO notifications_notification
            (id, recipient_id, learner_id, kind, text, link, key, created_at)
        SELECT uuidv7(), holder, said.learner_id, 'views came in', words,
            '/learners/' || said.learner_id || '/', 'contribution:' || said.id || ':' || holder,
            said.said_at
        FROM learners_recordholder h, coalesce(h.setting_id, h.local_area_id) holder
        WHERE h.learner_id = said.learner_id AND h.ends_on IS NULL
        ON CONFLICT DO NOTHING;
    END $$;
"""
GIVEN = (
    "reviews_naming_places",
    "reviews_without_places",
    "reviews_reviewed_on",
    "reviews_hand_in",
)


class Migration(migrations.Migration):
    """Who reads reviews and what they say; what the others read instead."""

    dependencies = [
        ("reviews", "0009_specialists_voice"),
        ("learners", "0013_family_rules"),
        ("register", "0004_where"),
        ("access", "0005_role_dates"),
    ]

    operations = [
        rs.reread(
            REVIEW,
            now=rs.reads_where(f"{REVIEW}.learner_id"),
            before=rs.reads(f"{REVIEW}.learner_id"),
        ),
        rs.reread(PROGRESS, now=PROGRESS_READ, before=rs.reads(f"{PROGRESS}.learner_id")),
        rs.reread(STATEMENT, now=instead(SAID, STATEMENT), before=SAID),
        rs.reread(
            CONTRIBUTION,
            now=instead(rules.CONTRIBUTION_SEEN, CONTRIBUTION),
            before=rules.CONTRIBUTION_SEEN,
        ),
        rs.reread(ANSWER, now=instead(acknowledgement.SEEN, ANSWER), before=acknowledgement.SEEN),
        migrations.RunSQL(
            FUNCTIONS
            + "".join(
                f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC;"
                f"GRANT EXECUTE ON FUNCTION {name} TO {rs.app()};"
                for name in GIVEN
            ),
            "".join(f"DROP FUNCTION {name};" for name in (*GIVEN, "reviews_place_words")),
        ),
    ]
