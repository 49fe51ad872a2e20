"""Makes many learners on registers, by set-based SQL, for measuring: one local area of Kent's size
first, then the rest of England.

Shares are those of standards.md 9.2 as far as a measurement needs them; wording is plain. Signed
records have the shape and size of real ones and a true SHA-256, but the database's JSON, not
RFC 8785. Everything is written as the owner, in one transaction, with the rule of the register
checked once at the end instead of row by row.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import connections, transaction

from apps.common import clock
from apps.framework import selectors as framework
from apps.seeding import england_history
from apps.settings import calendar

ENGLAND = 1_700_000  # learners on registers
KENT = 52_000  # of them in the largest local area
ON_A_REGISTER = 71  # learners on the register of an average setting
AREAS = 153
RULE_TABLES = (
    "register_registerentry",
    "reviews_statement",
    "learners_enrolment",
    "learners_ehcplan",
    "learners_recordholder",
)
EVIDENCE = {
    "what": "Watches what others do before beginning, in most lessons",
    "where": "class",
    "when": "2025-09-20",
    "by": "Mx Reed",
}
GIVEN = "Amal Bea Cato Dara Eden Farah Gus Hana Ines Jude Kit Lena Mo Noor Orla Pip Quinn Rafi"
FAMILY = "Ashby Brook Carver Dale Ember Fenn Grove Harl Isling Jarrow Keld Lowe Marsh Nettle"


def seed(learners: int, say: Callable[[str], Any]) -> None:
    """Write so many learners on registers, and what belongs to them."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        for table in RULE_TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER register_is_true")
        values = _values(learners)
        for name, sql in STEPS:
            started = time.monotonic()
            cursor.execute(sql, values)
            say(f"{name:<24}{cursor.rowcount:>10} rows {time.monotonic() - started:>7.1f} s")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with work left is not altered
        for table in RULE_TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER register_is_true")
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _values(learners: int) -> dict[str, Any]:
    today = clock.today()
    terms = england_history.terms(calendar.terms_around(today, None), today)
    grid = framework.published()
    return {
        "learners": learners,
        "kent": min(KENT, learners),
        "areas": 1 if learners <= KENT else AREAS,
        "a_setting": ON_A_REGISTER,
        "given": GIVEN.split(),
        "family": FAMILY.split(),
        "today": today,
        "opened": terms[0].starts_on - timedelta(days=30),
        "started": terms[0].starts_on,
        "years": [t.year for t in terms],
        "terms": [t.term.value for t in terms],
        "signed": [t.reviews_start_on for t in terms],
        "due": [t.reviews_end_on - timedelta(days=1) for t in terms],
        "evidence": json.dumps({"evidence": [EVIDENCE]}),
        "a_year": england_history.A_YEAR,
        "framework": grid.version.id,
        "area_ids": [a.id for a in grid.areas],
        "area_codes": [a.code for a in grid.areas],
        "level_ids": [v.id for v in grid.levels],
        "level_codes": [v.code for v in grid.levels],
    }


# A number between 0 and 1 that is the same on every run, from a learner's number and a salt.
CHANCE = "(abs(hashint4extended(n, {salt})) %% 10000 / 10000.0)"

STEPS: list[tuple[str, str]] = [
    (
        "local areas",
        """
        INSERT INTO education_settings_localarea (code, gss_code, name, region, starts_on,
            looked_after_team_id)
        SELECT lpad((700 + a)::text, 3, '0'), '', 'Made-up area ' || a, '', %(opened)s, uuidv7()
        FROM generate_series(1, %(areas)s) a
        """,
    ),
    (
        "settings",
        """
        CREATE TEMP TABLE place ON COMMIT DROP AS
        SELECT uuidv7() AS id, p AS number, l.id AS local_area_id
        FROM generate_series(0, %(learners)s / %(a_setting)s) p
        JOIN education_settings_localarea l ON l.name = 'Made-up area ' || (
            CASE WHEN p <= %(kent)s / %(a_setting)s THEN 1
            ELSE 2 + p %% greatest(%(areas)s - 1, 1) END);
        INSERT INTO education_settings_setting (id, name, kind, phase, status, gias_type, roll,
            address, postcode, telephone, website, source_digest, local_area_id)
        SELECT id, 'Made-up school ' || number, 'school',
            (ARRAY['primary', 'primary', 'secondary'])[1 + number %% 3], 'open', '',
            400, '', 'ZZ99 9ZZ', '', '', '', local_area_id FROM place
        """,
    ),
    (
        "people",
        """
        WITH made AS (
            INSERT INTO accounts_user (id, password, email, name, is_active, date_joined)
            SELECT uuidv7(), '!', 'senco' || number || '@england.test', 'Sam Pool', true, now()
            FROM place RETURNING id, email)
        INSERT INTO access_membership (id, role, group_ids, whole_setting, starts_on, setting_id,
            user_id)
        SELECT uuidv7(), 'senco', '{}', false, %(opened)s, place.id, made.id
        FROM place JOIN made ON made.email = 'senco' || place.number || '@england.test'
        """,
    ),
    (
        "learners",
        f"""
        CREATE TEMP TABLE who ON COMMIT DROP AS
        SELECT uuidv7() AS id, uuidv7() AS record_id, uuidv7() AS entry_id, n,
            p.id AS setting_id, p.local_area_id, n %% 14 AS year_group,
            (%(given)s::text[])[1 + abs(hashint4(n)) %% cardinality(%(given)s::text[])] AS given,
            (%(family)s::text[])[1 + abs(hashint4(n * 7)) %% cardinality(%(family)s::text[])]
                || ' ' || n AS family,
            1 + (abs(hashint4(n * 11)) %% 4) AS mine,
            CASE WHEN {CHANCE.format(salt=1)} < 0.44 THEN 1
                 WHEN {CHANCE.format(salt=1)} < 0.78 THEN 2
                 WHEN {CHANCE.format(salt=1)} < 0.95 THEN 3 ELSE 4 END AS rank,
            {CHANCE.format(salt=2)} < 0.27 AS has_plan
        FROM generate_series(0, %(learners)s - 1) n
        JOIN place p ON p.number = n / %(a_setting)s;
        INSERT INTO learners_learner (id, legal_given, legal_family, known_given, known_family,
            family_name_first, name_key, date_of_birth, birth_date_certainty, sex, ethnicity,
            first_language, identifier_being_checked, closed_because, version)
        SELECT id, given, family, given, family, false, lower(family || ' ' || given),
            make_date(extract(year FROM %(today)s::date)::int - 5 - year_group, 3, 1 + n %% 28),
            'known', (ARRAY['M', 'M', 'F'])[1 + n %% 3], '', '', false, '', 1 FROM who
        """,
    ),
    (
        "enrolments",
        """
        INSERT INTO learners_enrolment (kind, year_group, class_name, starts_on, leaving_reason,
            setting_id, learner_id)
        SELECT 'main', year_group, year_group || 'M', %(opened)s, '', setting_id, id FROM who
        """,
    ),
    (
        "record holders",
        """
        INSERT INTO learners_recordholder (reason, starts_on, sealed, learner_id, setting_id)
        SELECT 'first entry', %(started)s, false, id, setting_id FROM who
        """,
    ),
    (
        "access",
        """
        INSERT INTO learners_learneraccess (grantee_kind, grantee_id, access_right, reason,
            starts_on, learner_id)
        SELECT g.kind, g.id, g.access_right, g.reason, %(opened)s, w.id
        FROM who w CROSS JOIN LATERAL (VALUES
            ('setting', w.setting_id, 'hold', 'enrolled'),
            ('setting', w.setting_id, 'hold', 'holds the record'),
            ('local area', w.local_area_id, 'read', 'oversees the area')
        ) g (kind, id, access_right, reason)
        """,
    ),
    (
        "EHC plans",
        """
        INSERT INTO learners_ehcplan (starts_on, learner_id, local_area_id)
        SELECT %(started)s, id, local_area_id FROM who WHERE has_plan
        """,
    ),
    (
        "levels",
        f"""
        CREATE TEMP TABLE level_of ON COMMIT DROP AS
        SELECT w.id, a, CASE WHEN a = mine THEN rank
            WHEN {CHANCE.format(salt="10 + a")} < 0.25 THEN 1 ELSE 0 END AS rank
        FROM who w CROSS JOIN generate_series(1, 4) a;
        CREATE INDEX ON level_of (id);
        ANALYZE level_of;
        """,
    ),
    (
        "register",
        """
        INSERT INTO register_registerentry (id, also_here, levels, highest_rank, has_plan,
            brought_over, starts_on, leaving_reason, framework_id, learner_id, setting_id)
        SELECT w.entry_id, false, jsonb_object_agg((%(area_codes)s::text[])[v.a],
                jsonb_build_object('level', (%(level_codes)s::text[])[v.rank + 1],
                                   'rank', v.rank)),
            max(v.rank), w.has_plan, false, %(started)s, '', %(framework)s, w.id, w.setting_id
        FROM who w JOIN level_of v ON v.id = w.id
        GROUP BY w.entry_id, w.id, w.has_plan, w.setting_id
        """,
    ),
    (
        "records",
        """
        INSERT INTO reviews_learnerrecord (id, started_on, last_number, learner_id)
        SELECT record_id, %(started)s, cardinality(%(years)s::int[]) - 1, id FROM who
        """,
    ),
    *england_history.STEPS,
    (
        "reviews open",
        """
        INSERT INTO reviews_review (kind, state, year, term, due_on, opened_at, signed_off_name,
            no_conversation_because, nothing_changed, canonical, sha256, version, entry_id,
            framework_id, learner_id, record_id, setting_id)
        SELECT 'termly', 'open', (%(years)s::int[])[cardinality(%(years)s::int[])],
            (%(terms)s::text[])[cardinality(%(terms)s::text[])],
            (%(due)s::date[])[cardinality(%(due)s::date[])], %(today)s, '', '', false, '', '', 1,
            w.entry_id, %(framework)s, w.id, w.record_id, w.setting_id
        FROM who w WHERE n %% 3 > 0
        """,
    ),
    (
        "the register is true",
        """
        SELECT 1 / (count(*) = 0)::int FROM who w JOIN register_registerentry e ON e.id = w.entry_id
        WHERE NOT (e.has_plan OR e.highest_rank >= 1)
        """,
    ),
]
