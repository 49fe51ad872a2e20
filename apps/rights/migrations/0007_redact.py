"""The one way in which signed words change: a redaction that two people decided."""

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import frozen_save_by_law, key_defaults

REWRITING = f"""
    -- Whether a function of this app is at work on this learner: its owner's, inside such a function.
    CREATE FUNCTION rights_rewriting(of_learner uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
        SELECT current_user = '{rs.owner()}'
            AND current_setting('lr.rewriting', true) = of_learner::text
    $$;
    -- The keys with which the addresses of a learner's pages name them.
    CREATE FUNCTION rights_keys(of_learner uuid) RETURNS text[] LANGUAGE sql STABLE AS $$
        SELECT array_agg(id::text) FROM (
            SELECT of_learner AS id
            UNION ALL SELECT id FROM reviews_review WHERE learner_id = of_learner
            UNION ALL SELECT id FROM reviews_acknowledgement WHERE learner_id = of_learner
            UNION ALL SELECT id FROM reviews_contribution WHERE learner_id = of_learner
            UNION ALL SELECT id FROM rights_decision WHERE learner_id = of_learner
            UNION ALL SELECT id FROM transitions_transition WHERE learner_id = of_learner) k
    $$;
"""

REDACT = f"""
    CREATE FUNCTION rights_redact(this uuid, moment timestamptz) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    #variable_conflict use_column
    DECLARE
        asked rights_redaction;
        found record;
        before text;
        since text;
        pattern text;
        everyone uuid[];
        day date := {rs.TODAY};
        mark text := to_char({rs.TODAY}, '"[redacted on "FMDD FMMonth YYYY"]"');
        rows text[] := '{{}}';
    BEGIN
        SELECT r.* INTO asked FROM rights_redaction r WHERE r.id = this FOR UPDATE;
        IF asked.done_at IS NOT NULL OR coalesce(asked.words, '') = '' OR NOT EXISTS (
            SELECT FROM rights_decision d WHERE d.id = asked.decision_id AND d.kind = 'redaction'
                AND d.state = 'agreed' AND d.learner_id = asked.learner_id
                AND d.decided_by_id::text = current_setting('lr.actor', true))
        THEN
            RAISE EXCEPTION 'Words are redacted once, when two people have decided it.'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        -- No sign-off and no package is under way meanwhile: in the order in which they lock.
        PERFORM FROM reviews_review
            WHERE learner_id = asked.learner_id AND state = 'open' FOR UPDATE;
        PERFORM FROM reviews_learnerrecord WHERE learner_id = asked.learner_id FOR UPDATE;
        PERFORM FROM transitions_transition WHERE learner_id = asked.learner_id FOR UPDATE;
        pattern := rights_pattern(asked.words);
        everyone := ARRAY(SELECT * FROM rights_all_of(asked.learner_id));
        FOR found IN
            SELECT w.whose, f.* FROM unnest(everyone) AS w(whose),
                LATERAL rights_found(w.whose, asked.words, mark) f
        LOOP
            PERFORM set_config('lr.rewriting', found.whose::text, true);
            before := '';
            since := '';
            IF found.column_name = 'canonical' THEN
                SELECT sha256, rights_sha256(found.became #>> '{{}}') INTO before, since
                    FROM reviews_review WHERE id = found.row_id;
                UPDATE reviews_review SET canonical = found.became #>> '{{}}', sha256 = since
                    WHERE id = found.row_id;
            ELSIF found.table_name = 'transitions_package' THEN
                SELECT sha256 INTO before FROM transitions_package WHERE id = found.row_id;
                UPDATE transitions_package
                    SET content = found.became,
                        manifest = rights_manifest(manifest, found.became, day),
                        sha256 = rights_sha256(rights_manifest(manifest, found.became, day))
                    WHERE id = found.row_id RETURNING sha256 INTO since;
            ELSE
                EXECUTE format('UPDATE %I t SET %I = (jsonb_populate_record(t, $1)).%I'
                               ' WHERE id = $2', found.table_name, found.column_name,
                               found.column_name)
                    USING jsonb_build_object(found.column_name, found.became), found.row_id;
            END IF;
            rows := rows || found.row_id::text;
            INSERT INTO rights_resealed (id, redaction_id, learner_id, table_name, row_id, at,
                                         first_sha256, sha256)
                VALUES (uuidv7(), this, asked.learner_id, found.table_name, found.row_id, moment,
                        before, since)
                ON CONFLICT (redaction_id, table_name, row_id) DO NOTHING;
        END LOOP;
        -- What was sent is sent again as it reads now, to each that it was sent to.
        INSERT INTO transitions_package (id, transition_id, learner_id, number, review_number,
                                         content, manifest, sha256, made_at, redaction_id)
            SELECT DISTINCT ON (p.transition_id) uuidv7(), p.transition_id, p.learner_id,
                p.number + 1, p.review_number, p.content, p.manifest, p.sha256, moment, this
            FROM transitions_package p
            WHERE p.transition_id IN (SELECT q.transition_id FROM transitions_package q
                                      WHERE q.id::text = ANY (rows))
            ORDER BY p.transition_id, p.number DESC;
        -- Whoever has the open review on their screen sees both before they save.
        UPDATE reviews_review SET version = version + 1
            WHERE learner_id = asked.learner_id AND state = 'open';
        -- Copies and what lies about: files made for somebody, staged rows, what was typed.
        UPDATE rights_export SET content = NULL WHERE learner_id = ANY (everyone);
        UPDATE imports_importrow SET values = rights_marked_json(values, pattern, mark)
            WHERE matched_id = ANY (everyone);
        UPDATE accounts_unsentform SET fields = rights_marked_json(fields, pattern, mark)
            WHERE EXISTS (SELECT FROM unnest(everyone) AS w(whose)
                          WHERE string_to_array(page, '/') && rights_keys(w.whose));
        PERFORM audit_hide(w.whose, rows, pattern) FROM unnest(everyone) AS w(whose);
        PERFORM set_config('lr.rewriting', '', true);
        UPDATE rights_redaction SET words = '', done_at = moment WHERE id = this;
        RETURN cardinality(rows);
    END $$;
    REVOKE ALL ON FUNCTION rights_redact FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION rights_redact TO {rs.app()};
"""

ASKED, PLACES = "rights_redaction", "rights_resealed"
DECISION = (
    f"EXISTS (SELECT FROM rights_decision d WHERE d.id = {ASKED}.decision_id"
    f" AND d.learner_id = {ASKED}.learner_id)"
)
HELD = (
    f"EXISTS (SELECT FROM learners_recordholder h WHERE h.learner_id = {PLACES}.learner_id"
    f" AND h.setting_id = ANY ({rs.READ_LIST}))"
)


class Migration(migrations.Migration):
    """Frozen rows let the one function pass; the words are for those who decide, until it is done."""

    dependencies = [
        ("rights", "0006_words_and_digests"),
        ("audit", "0006_hidden_and_emptied"),
        ("imports", "0005_other_numbers"),
        ("accounts", "0004_unsent_forms"),
    ]

    operations = [
        *key_defaults(ASKED, PLACES),
        rs.protect(
            ASKED,
            rs.policy("seen", "SELECT", using=DECISION),
            rs.policy(
                "proposed",
                "INSERT",
                check=f"{rs.holds(f'{ASKED}.learner_id')} AND done_at IS NULL AND {DECISION}",
            ),
            rs.policy("declined", "UPDATE", using=DECISION, check="words = '' AND done_at IS NULL"),
        ),
        history.keep(ASKED, without=("words",)),
        rs.protect(
            PLACES,
            rs.policy("seen", "SELECT", using=f"{rs.reads(f'{PLACES}.learner_id')} OR {HELD}"),
        ),
        migrations.RunSQL(
            f"REVOKE INSERT, UPDATE, DELETE ON {PLACES} FROM {rs.app()}",
            f"GRANT INSERT, UPDATE, DELETE ON {PLACES} TO {rs.app()}",
        ),
        migrations.RunSQL(REWRITING, "DROP FUNCTION rights_rewriting, rights_keys;"),
        frozen_save_by_law("reviews_review", when="OLD.state <> 'open'"),
        frozen_save_by_law("reviews_statement", when="true"),
        frozen_save_by_law("reviews_contribution", when="true"),
        frozen_save_by_law("transitions_package", when="true"),
        migrations.RunSQL(REDACT, "DROP FUNCTION rights_redact;"),
    ]
