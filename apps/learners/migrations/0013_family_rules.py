"""Who may decide, withhold and read of a family; what one adult may not know: where."""

from importlib import import_module

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

DECISION, ADULT, WITHHELD = (
    "learners_decision",
    "learners_decisionadult",
    "learners_withheldwhereabouts",
)
OF = f"{DECISION}.learner_id"
OWN = f"{rs.contributes(OF)} AND {rs.is_young_person(OF)}"
WHOLE = f"""EXISTS (SELECT 1 FROM learners_decision d
    WHERE d.id = {ADULT}.decision_id AND d.learner_id = {ADULT}.learner_id)"""
ADULT_OF = f"{ADULT}.learner_id"
ADULT_OWN = f"{rs.contributes(ADULT_OF)} AND {rs.is_young_person(ADULT_OF)}"
WORKS = rs.reads_as_organisation(f"{WITHHELD}.learner_id")
LEADS = ("head", "safeguarding-lead", "officer")
WITHHOLDS = (
    f"({rs.holds(f'{WITHHELD}.learner_id')} OR {rs.reads_as(f'{WITHHELD}.learner_id', *LEADS)})"
)

# Words were found to tell nothing of the places that there were: a new place is asked about anew.
ASK_AGAIN = """
    CREATE FUNCTION learners_ask_again() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        UPDATE learners_withheldwhereabouts SET accepted = '{}'
        WHERE learner_id = NEW.learner_id AND ends_on IS NULL AND accepted <> '{}';
        RETURN NULL;
    END $$;
    CREATE TRIGGER ask_again AFTER INSERT ON learners_learneraccess FOR EACH ROW
        WHEN (NEW.grantee_kind IN ('setting', 'local area')) EXECUTE FUNCTION learners_ask_again();
    CREATE TRIGGER ask_again AFTER INSERT ON learners_enrolment FOR EACH ROW
        EXECUTE FUNCTION learners_ask_again();
"""
NOT_AGAIN = """
    DROP TRIGGER ask_again ON learners_enrolment; DROP TRIGGER ask_again ON learners_learneraccess;
    DROP FUNCTION learners_ask_again;
"""

# Rows that say where a learner is, whom it is withheld from.
PLACES = (
    "learners_enrolment",
    "learners_recordholder",
    "learners_teachinggroupmember",
    "learners_censuscode",
    "learners_ehcplan",
)

# Somebody who may not know where reads their own visits, and nobody else's.
READINGS = import_module("apps.learners.migrations.0006_readings").READINGS.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
ALL_ROLES = "(r.role <> 'Family' OR r.actor_id::text = asks)"
READINGS_NOW = READINGS.replace(
    ALL_ROLES,
    f"((r.role <> 'Family' AND {rs.reads_where('of_learner')}) OR r.actor_id::text = asks)",
)
assert READINGS_NOW != READINGS

# Rights given before 16 was looked at end or change on the day, as they do from now on.
CHANGING = """
    WITH family AS (
        SELECT a.id, l.date_of_birth AS born,
               extract(year FROM (l.date_of_birth + interval '16 years'))::int
               + CASE WHEN extract(month FROM l.date_of_birth) >= 9 THEN 1 ELSE 0 END AS june
        FROM learners_learneraccess a
        JOIN learners_learner l ON l.id = a.learner_id
        JOIN learners_familymember f ON f.id = a.because_id
        WHERE a.reason = 'family' AND a.ends_on IS NULL AND f.relation <> 'self'),
    changing AS (SELECT id, make_date(june, 6, 30)
               - (extract(isodow FROM make_date(june, 6, 30))::int + 2) % 7 AS decides,
           CASE WHEN to_char(born, 'MM-DD') = '02-29'
               THEN make_date(extract(year FROM born)::int + 18, 3, 1)
               ELSE (born + interval '18 years')::date END AS adult
    FROM family)
"""
AT_16 = f"""
    {CHANGING}
    INSERT INTO learners_learneraccess (id, learner_id, grantee_kind, grantee_id, access_right,
        reason, because_id, starts_on, ends_on)
    SELECT uuidv7(), a.learner_id, a.grantee_kind, a.grantee_id, 'read', a.reason, a.because_id,
        greatest(c.decides, CURRENT_DATE), c.adult
    FROM changing c JOIN learners_learneraccess a ON a.id = c.id
    WHERE c.adult > greatest(c.decides, CURRENT_DATE);
    {CHANGING}
    UPDATE learners_learneraccess a
    SET ends_on = greatest(c.decides, CURRENT_DATE, a.starts_on)
    FROM changing c WHERE a.id = c.id;
    UPDATE learners_familymember f SET joined_on = seen.since, access_from = seen.since
    FROM (SELECT because_id, min(starts_on) AS since FROM learners_learneraccess
          WHERE reason = 'family' GROUP BY because_id) seen
    WHERE f.id = seen.because_id;
"""


class Migration(migrations.Migration):
    """Row-level security; the log of readings; rights that were given before."""

    dependencies = [("learners", "0012_families"), ("notifications", "0003_take_back")]

    operations = [
        *key_defaults(DECISION, ADULT, WITHHELD),
        rs.protect(
            DECISION,
            rs.policy(
                "seen",
                "SELECT",
                using=f"{rs.reads_as_organisation(OF)} OR ({rs.reads(OF)} AND "
                f"{rs.is_young_person(OF)})",
            ),
            rs.policy(
                "said",
                "INSERT",
                check=f"({rs.holds(OF)} AND NOT in_own_name) OR (in_own_name AND {OWN})",
            ),
        ),
        rs.read_only(DECISION),
        rs.protect(
            ADULT,
            rs.policy("seen", "SELECT", using=WHOLE),
            rs.policy(
                "said", "INSERT", check=f"{WHOLE} AND ({rs.holds(ADULT_OF)} OR ({ADULT_OWN}))"
            ),
        ),
        rs.read_only(ADULT),
        rs.protect(
            WITHHELD,
            rs.policy("seen", "SELECT", using=WORKS),
            rs.policy("withheld", "INSERT", check=WITHHOLDS),
            rs.policy("changed", "UPDATE", using=WITHHOLDS, check=WITHHOLDS),
        ),
        history.keep(WITHHELD),
        *[
            rs.reread(
                table,
                now=rs.reads_where(f"{table}.learner_id"),
                before=rs.reads(f"{table}.learner_id"),
            )
            for table in PLACES
        ],
        migrations.RunSQL(READINGS_NOW, READINGS),
        migrations.RunSQL(AT_16, migrations.RunSQL.noop),
        migrations.RunSQL(ASK_AGAIN, NOT_AGAIN),
    ]
