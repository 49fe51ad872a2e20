"""Finding words in all that is a learner's, as they would read when redacted: pure functions."""

from django.db import migrations

# Words are compared by their letters and figures: not by capitals, spaces or punctuation.
PURE = r"""
    CREATE FUNCTION rights_pattern(words text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT '\m' || string_agg(found[1], '\W+' ORDER BY n) || '\M'
        FROM regexp_matches(words COLLATE pg_c_utf8, '\w+', 'g') WITH ORDINALITY AS m(found, n)
    $$;

    CREATE FUNCTION rights_marked(value text, pattern text, mark text, most integer) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
        -- Where the mark does not fit, the whole text is redacted.
        SELECT CASE WHEN most > 0 AND length(became) > most THEN mark ELSE became END
        FROM regexp_replace(value COLLATE pg_c_utf8, pattern, mark, 'gi') AS became
    $$;

    -- Keys whose values are codes, keys and digests, and no words of anyone.
    CREATE FUNCTION rights_marked_json(value jsonb, pattern text, mark text) RETURNS jsonb
    LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        CASE jsonb_typeof(value)
        WHEN 'string' THEN
            RETURN to_jsonb(rights_marked(value #>> '{}', pattern, mark, 0));
        WHEN 'array' THEN
            RETURN (SELECT coalesce(jsonb_agg(rights_marked_json(part, pattern, mark) ORDER BY n),
                                    '[]')
                    FROM jsonb_array_elements(value) WITH ORDINALITY AS e(part, n));
        WHEN 'object' THEN
            RETURN (SELECT coalesce(jsonb_object_agg(key, CASE WHEN key IN (
                        'schema', 'id', 'upn', 'date_of_birth', 'kind', 'year', 'term', 'area',
                        'level', 'audience', 'outcome', 'mark', 'voice', 'said_on', 'guide',
                        'signed_off_at', 'conversation_on', 'sha256', 'transition')
                        THEN part ELSE rights_marked_json(part, pattern, mark) END), '{}')
                    FROM jsonb_each(value) AS e(key, part));
        ELSE
            RETURN value;
        END CASE;
    END $$;

    -- RFC 8785 for what we keep: keys in ASCII, whole numbers. `reviews/canonical.py` does the same.
    CREATE FUNCTION rights_canonical(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        CASE jsonb_typeof(value)
        WHEN 'array' THEN
            RETURN '[' || (SELECT coalesce(string_agg(rights_canonical(part), ',' ORDER BY n), '')
                           FROM jsonb_array_elements(value) WITH ORDINALITY AS e(part, n)) || ']';
        WHEN 'object' THEN
            RETURN '{' || (SELECT coalesce(string_agg(to_jsonb(key)::text || ':'
                               || rights_canonical(part), ',' ORDER BY key COLLATE "C"), '')
                           FROM jsonb_each(value) AS e(key, part)) || '}';
        ELSE
            RETURN value::text;
        END CASE;
    END $$;

    CREATE FUNCTION rights_sha256(value text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
        SELECT encode(sha256(convert_to(value, 'UTF8')), 'hex')
    $$;

    CREATE FUNCTION rights_marked_record(record text, pattern text, mark text) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
        SELECT CASE record WHEN '' THEN '' ELSE
            rights_canonical(rights_marked_json(record::jsonb, pattern, mark)) END
    $$;

    -- The files of a package. A history has whole records in it, each with a digest of its own.
    CREATE FUNCTION rights_marked_files(files jsonb, pattern text, mark text) RETURNS jsonb
    LANGUAGE sql IMMUTABLE AS $$
        SELECT jsonb_object_agg(name, CASE
            WHEN name = 'history.json' THEN (
                SELECT rights_canonical(coalesce(jsonb_agg(part || jsonb_build_object(
                    'record', record, 'sha256', rights_sha256(record)) ORDER BY n), '[]'))
                FROM jsonb_array_elements(content::jsonb) WITH ORDINALITY AS e(part, n),
                    rights_marked_record(part ->> 'record', pattern, mark) AS record)
            WHEN name LIKE '%.json' THEN rights_marked_record(content, pattern, mark)
            ELSE rights_marked(content, pattern, mark, 0) END)
        FROM jsonb_each_text(files) AS f(name, content)
    $$;
    CREATE FUNCTION rights_manifest(manifest text, files jsonb, redacted_on date) RETURNS text
    LANGUAGE sql IMMUTABLE AS $$
        SELECT rights_canonical(manifest::jsonb || jsonb_build_object(
            'redacted_on', redacted_on, 'files', (
                SELECT jsonb_agg(jsonb_build_object('name', name,
                    'bytes', octet_length(convert_to(content, 'UTF8')),
                    'sha256', rights_sha256(content)) ORDER BY name COLLATE "C")
                FROM jsonb_each_text(files) AS f(name, content))))
    $$;
"""

# Every column with words that people typed about a learner; the number is the column's length.
# A test holds the list against the models. Read when it runs: some tables come with later ones.
PLACES = """
    ('reviews_review', 'canonical', 'record', 0), ('transitions_package', 'content', 'files', 0),
    ('reviews_review', 'no_conversation_because', 'text', 300),
    ('reviews_statement', 'text', 'text', 0), ('reviews_statement', 'details', 'json', 0),
    ('reviews_statement', 'audience_reason', 'text', 200),
    ('reviews_slip', 'should_say', 'text', 0), ('reviews_slip', 'because', 'text', 300),
    ('reviews_draftchange', 'values', 'json', 0), ('reviews_progress', 'note', 'text', 500),
    ('reviews_setaside', 'reason', 'text', 300),
    ('reviews_contribution', 'going_well', 'text', 0), ('reviews_contribution', 'harder', 'text', 0),
    ('reviews_contribution', 'would_help', 'text', 0), ('reviews_acknowledgement', 'says', 'text', 0),
    ('reviews_acknowledgement', 'reply', 'text', 0),
    ('reviews_supportcheck', 'why', 'text', 300), ('reviews_supportseen', 'note', 'text', 300),
    ('reviews_meeting', 'where', 'text', 200), ('reviews_meeting', 'who', 'text', 300),
    ('reviews_meeting', 'agreed', 'text', 0), ('reviews_meeting', 'why_not', 'text', 500),
    ('reviews_noticing', 'seen', 'text', 0), ('reviews_noticing', 'tried', 'text', 0),
    ('reviews_noticing', 'support', 'text', 0), ('reviews_noticing', 'reason', 'text', 500),
    ('reviews_noticing', 'answer', 'text', 0),
    ('transitions_transition', 'reason', 'text', 200),
    ('transitions_transition', 'end_reason', 'text', 300),
    ('transitions_settlingin', 'what', 'text', 300), ('transitions_dayone', 'how', 'text', 500),
    ('transitions_query', 'question', 'text', 0), ('transitions_query', 'answer', 'text', 0),
    ('learners_familymember', 'basis', 'text', 200),
    ('learners_familymember', 'why_not', 'text', 300),
    ('learners_withheldreader', 'reason', 'text', 500),
    ('learners_enrolment', 'leaving_reason', 'text', 100),
    ('learners_familymember', 'order_seen', 'text', 200),
    ('learners_decision', 'assessed_how', 'text', 500),
    ('learners_withheldwhereabouts', 'reason', 'text', 500),
    ('learners_withheldwhereabouts', 'why_ended', 'text', 500),
    ('lives_closure', 'known_as', 'text', 220), ('lives_closure', 'why', 'text', 500), ('lives_closure', 'undone_why', 'text', 500),
    ('lives_closure', 'changed', 'json', 0), ('lives_adoption', 'statements', 'json', 0),
    ('lives_adoption', 'because', 'text', 300), ('lives_adoption', 'declined_because', 'text', 300),
    ('learners_referral', 'why', 'text', 300), ('rights_export', 'copy_for', 'text', 200),
    ('rights_export', 'identity', 'text', 300),
    ('rights_legalhold', 'reason', 'text', 500), ('rights_legalhold', 'ended_because', 'text', 500),
    ('rights_disposal', 'postponed_because', 'text', 500),
    ('rights_decision', 'because', 'text', 500),
    ('rights_decision', 'declined_because', 'text', 500),
    ('register_broughtover', 'said', 'json', 0), ('register_broughtover', 'why_left_off', 'text', 100),
    ('documents_document', 'title', 'text', 120), ('documents_document', 'file_name', 'text', 120),
    ('documents_document', 'audience_reason', 'text', 200),
    ('documents_document', 'withdrawn_because', 'text', 300),
    ('notifications_notification', 'text', 'text', 300)
"""
FOUND = f"""
    -- With the rights of whoever asks: a person finds what they may read, a redaction everything.
    CREATE FUNCTION rights_found(of_learner uuid, words text, mark text) RETURNS TABLE (
        table_name text, column_name text, row_id uuid, became jsonb
    ) LANGUAGE plpgsql STABLE AS $$
    DECLARE
        pattern text := rights_pattern(words);
        place record;
    BEGIN
        FOR place IN SELECT * FROM (VALUES {PLACES}) AS p(tab, col, kind, most) LOOP
            RETURN QUERY EXECUTE format(
                'SELECT %L, %L, id, became FROM (SELECT id, to_jsonb(%I) AS was, to_jsonb('
                || CASE place.kind WHEN 'text' THEN 'rights_marked(%I, $2, $3, $4)'
                                   WHEN 'json' THEN 'rights_marked_json(%I, $2, $3)'
                                   WHEN 'files' THEN 'rights_marked_files(%I, $2, $3)'
                                   ELSE 'rights_marked_record(%I, $2, $3)' END
                || ') AS became FROM %I WHERE learner_id = $1) AS r WHERE was <> became',
                place.tab, place.col, place.col, place.col, place.tab)
                USING of_learner, pattern, mark, place.most;
        END LOOP;
    END $$;
"""
NAMES = (
    "rights_found, rights_manifest, rights_marked_files, rights_marked_record, rights_sha256,"
    " rights_canonical, rights_marked_json, rights_marked, rights_pattern"
)


class Migration(migrations.Migration):
    """Nothing here changes a row."""

    dependencies = [
        ("rights", "0005_redactions"),
        ("reviews", "0008_open_review_of_learner"),
        ("transitions", "0009_sent_again"),
        ("notifications", "0003_take_back"),
        ("learners", "0011_referrals"),
    ]

    operations = [migrations.RunSQL(PURE + FOUND, f"DROP FUNCTION {NAMES};")]
