"""Four years behind each learner of the made-up country: what was said, signed off and checked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from apps.settings.calendar import CalendarTerm

YEARS = 4
A_YEAR = 3  # terms, each with its review
# A school year later falls on the same weekdays.
_YEAR = timedelta(weeks=52)


def terms(known: list[CalendarTerm], today: date) -> list[CalendarTerm]:
    """The term of a day and those of four years before it, oldest first.

    The last year's are known; the ones before them are the same, whole years earlier.
    """
    begun = [t for t in known if t.starts_on <= today]
    now, last = begun[-1], begun[-A_YEAR - 1 : -1]
    earlier = [_before(t, years) for years in range(YEARS - 1, 0, -1) for t in last]
    return [*earlier, *last, now]


def _before(term: CalendarTerm, years: int) -> CalendarTerm:
    days = {
        name: getattr(term, name) - years * _YEAR
        for name in ("starts_on", "ends_on", "reviews_start_on", "reviews_end_on")
    }
    return replace(term, year=term.year - years, **days)


STEPS: list[tuple[str, str]] = [
    (
        "needs",
        # The main need is described anew each year, now a level more, now one less.
        """
        CREATE TEMP TABLE need_of ON COMMIT DROP AS
        SELECT uuidv7() AS id, w.id AS learner_id, w.record_id, v.a, g AS year,
            CASE WHEN v.a = w.mine AND g %% 2 = 1 THEN greatest(v.rank - 1, 0) ELSE v.rank END
                AS rank,
            v.a = w.mine AS main
        FROM who w JOIN level_of v ON v.id = w.id
        CROSS JOIN generate_series(0, cardinality(%(years)s::int[]) / %(a_year)s - 1) g
        WHERE v.a = w.mine OR g = 0;
        CREATE INDEX ON need_of (learner_id, a, year);
        ANALYZE need_of;
        INSERT INTO reviews_statement (id, kind, text, details, audience, audience_reason, "order",
            introduced_no, withdrawn_no, area_id, learner_id, level_id, record_id, replaces_id)
        SELECT n.id, 'need',
            'Follows a short instruction given with a picture, and needs time to answer.',
            CASE WHEN n.rank = 0 THEN '{}'::jsonb ELSE %(evidence)s::jsonb END,
            'everyone', '', n.a, 1 + %(a_year)s * n.year,
            CASE WHEN later.id IS NOT NULL THEN 1 + %(a_year)s * later.year END,
            (%(area_ids)s::uuid[])[n.a], n.learner_id,
            (%(level_ids)s::uuid[])[n.rank + 1], n.record_id, earlier.id
        FROM need_of n
        LEFT JOIN need_of earlier ON earlier.learner_id = n.learner_id AND earlier.a = n.a
            AND earlier.year = n.year - 1
        LEFT JOIN need_of later ON later.learner_id = n.learner_id AND later.a = n.a
            AND later.year = n.year + 1
        ORDER BY n.learner_id, n.year
        """,
    ),
    (
        "other statements",
        # Supports, adaptations and outcomes of a year end with it; the next has its own.
        """
        INSERT INTO reviews_statement (kind, text, details, audience, audience_reason, "order",
            introduced_no, withdrawn_no, learner_id, record_id)
        SELECT s.kind, s.text, s.details::jsonb, 'everyone', '', s.place, 1 + %(a_year)s * g,
            CASE WHEN 1 + %(a_year)s * (g + 1) < cardinality(%(years)s::int[])
                THEN 1 + %(a_year)s * (g + 1) END,
            w.id, w.record_id
        FROM who w
        CROSS JOIN generate_series(0, cardinality(%(years)s::int[]) / %(a_year)s - 1) g
        CROSS JOIN (VALUES
            (1, 'strength', 'Builds models from a plan and explains each step to a friend.', '{}'),
            (2, 'strength', 'Remembers the words of songs and sings them to younger pupils.', '{}'),
            (3, 'aspiration', 'Would like to look after animals one day.', '{}'),
            (4, 'harder', 'Noise in the dining hall makes it hard to eat or to listen.', '{}'),
            (5, 'support', 'Small group for talking and listening, with pictures.',
             '{"how_often": "three times a week", "minutes": 20, "by_whom": "Ms Day"}'),
            (6, 'support', 'A check-in at the start of each day about what will be different.',
             '{"how_often": "daily", "minutes": 5, "by_whom": "Class teacher"}'),
            (7, 'support', 'Words for feelings, practised with a puppet and then with a friend.',
             '{"how_often": "weekly", "minutes": 30, "by_whom": "Mx Reed"}'),
            (8, 'adaptation', 'Sits where the board and the door can both be seen.', '{}'),
            (9, 'outcome', 'Asks for help in words at least once in every lesson.',
             '{"baseline": "once a week", "target": "daily", "by_when": "2026-12-18"}'),
            (10, 'outcome', 'Eats with two friends in the dining hall on four days of five.',
             '{"baseline": "one day", "target": "four days", "by_when": "2027-03-26"}'),
            (11, 'outcome', 'Says what was hard about a piece of work, and what helped.',
             '{"baseline": "not yet", "target": "weekly", "by_when": "2027-03-26"}')
        ) s (place, kind, text, details)
        ORDER BY w.id, g
        """,
    ),
    (
        "reviews signed off",
        """
        CREATE TEMP TABLE said ON COMMIT DROP AS
        SELECT s.learner_id, t.number, jsonb_agg(jsonb_build_object('id', s.id, 'kind', s.kind,
            'text', s.text, 'details', s.details) ORDER BY s.id) AS statements,
            coalesce(jsonb_agg(jsonb_build_object('outcome', s.id, 'mark', 'some', 'note', ''))
                FILTER (WHERE s.kind = 'outcome'), '[]') AS progress
        FROM reviews_statement s
        CROSS JOIN generate_series(1, cardinality(%(years)s::int[]) - 1) t (number)
        WHERE s.learner_id IN (SELECT id FROM who) AND s.introduced_no <= t.number
            AND (s.withdrawn_no IS NULL OR s.withdrawn_no > t.number)
        GROUP BY s.learner_id, t.number;
        CREATE INDEX ON said (learner_id, number);
        ANALYZE said;
        INSERT INTO reviews_review (number, kind, state, year, term, due_on, opened_at,
            signed_off_at, signed_off_name, conversation_on, no_conversation_because,
            nothing_changed, canonical, sha256, version, entry_id, framework_id, learner_id,
            record_id, setting_id)
        SELECT t.number, CASE t.number WHEN 1 THEN 'first' ELSE 'termly' END, 'signed off',
            t.year, t.term, t.due, t.signed - 30, t.signed, 'Sam Pool', t.signed, '',
            t.number %% %(a_year)s <> 1, c.canonical,
            encode(sha256(c.canonical::bytea), 'hex'), 2,
            w.entry_id, %(framework)s, w.id, w.record_id, w.setting_id
        FROM who w
        CROSS JOIN unnest(%(years)s::int[], %(terms)s::text[], %(due)s::date[], %(signed)s::date[])
            WITH ORDINALITY t (year, term, due, signed, number)
        JOIN said ON said.learner_id = w.id AND said.number = t.number
        CROSS JOIN LATERAL (SELECT replace(jsonb_build_object('number', t.number,
            'progress', said.progress, 'statements', said.statements)::text, E'\\\\', '')
            AS canonical) c
        ORDER BY t.number, w.id
        """,
    ),
    (
        "progress",
        """
        INSERT INTO reviews_progress (mark, note, version, learner_id, outcome_id, review_id)
        SELECT 'some', 'Seen in maths and at lunch, and not yet in assembly.', 1, r.learner_id,
            s.id, r.id
        FROM reviews_review r
        JOIN reviews_statement s ON s.learner_id = r.learner_id AND s.kind = 'outcome'
            AND s.introduced_no <= r.number
            AND (s.withdrawn_no IS NULL OR s.withdrawn_no > r.number)
        WHERE r.learner_id IN (SELECT id FROM who) AND r.number IS NOT NULL
        """,
    ),
    (
        "voices",
        """
        INSERT INTO reviews_contribution (voice, author_name, going_well, harder, would_help,
            on_support, came_by, written_down_by, said_at, others_may_see, not_my_parents,
            ask_me_first, learner_id, review_id)
        SELECT v.voice, v.name, v.words, '', 'More time before an answer is wanted.', false, '',
            '', r.opened_at + interval '3 days', true, false, false, r.learner_id, r.id
        FROM reviews_review r CROSS JOIN (VALUES
            ('learner', 'The learner', 'I like the model club and my table by the window.'),
            ('family', 'A parent', 'Comes home and tells us about the day, which is new.'),
            ('teacher', 'Ms Day', 'Begins written work with a plan, and asks when it stops.')
        ) v (voice, name, words)
        WHERE r.learner_id IN (SELECT id FROM who) AND r.number IS NOT NULL
        """,
    ),
    (
        "support checks",
        """
        INSERT INTO reviews_supportcheck (year, term, half, answer, why, author_name, said_at,
            learner_id, statement_id)
        SELECT r.year, r.term, h, CASE WHEN h = 1 THEN 'as planned' ELSE 'partly' END,
            CASE WHEN h = 1 THEN '' ELSE 'Two weeks of cover.' END, 'Ms Day',
            r.opened_at + h * interval '20 days', r.learner_id, s.id
        FROM reviews_review r
        JOIN reviews_statement s ON s.learner_id = r.learner_id AND s.kind = 'support'
            AND s.introduced_no <= r.number
            AND (s.withdrawn_no IS NULL OR s.withdrawn_no > r.number)
        CROSS JOIN generate_series(1, 2) h
        WHERE r.learner_id IN (SELECT id FROM who) AND r.number IS NOT NULL
        """,
    ),
]
