"""What always holds of learners, and who may see and change their rows."""

from django.conf import settings
from django.db import migrations

from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

IDENTIFIERS = """
    -- UPN: check letter = sum(position * value) mod 23 over positions 2 to 13 (standards 1.1)
    CREATE FUNCTION upn_is_valid(upn text) RETURNS boolean LANGUAGE sql IMMUTABLE STRICT AS $$
        SELECT upn ~ '^[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]$' AND
            substr(upn, 1, 1) = substr('ABCDEFGHJKLMNPQRTUVWXYZ', 1 + (
                SELECT sum(position * CASE
                    WHEN sign ~ '[0-9]' THEN sign::int
                    ELSE strpos('ABCDEFGHJKLMNPQRTUVWXYZ', sign) - 1 END)::int
                FROM generate_series(2, 13) AS position, substr(upn, position, 1) AS sign
            ) % 23, 1)
    $$;
    ALTER TABLE learners_learner ADD CONSTRAINT upn_check_letter CHECK (upn_is_valid(upn));

    -- A number is one learner's, present and former numbers taken together (rule 7).
    CREATE FUNCTION learners_one_upn_one_learner() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF TG_TABLE_NAME = 'learners_learner' AND NEW.upn IS NOT NULL AND EXISTS (
            SELECT 1 FROM learners_formeridentifier f
            WHERE f.kind = 'upn' AND f.value = NEW.upn AND f.learner_id <> NEW.id)
        OR TG_TABLE_NAME = 'learners_formeridentifier' AND EXISTS (
            SELECT 1 FROM learners_learner l
            WHERE (to_jsonb(NEW) ->> 'kind') = 'upn' AND l.upn = (to_jsonb(NEW) ->> 'value')
              AND l.id <> (to_jsonb(NEW) ->> 'learner_id')::uuid)
        THEN
            RAISE EXCEPTION 'One UPN is never two learners.' USING ERRCODE = 'unique_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER one_upn_one_learner BEFORE INSERT OR UPDATE OF upn ON learners_learner
        FOR EACH ROW EXECUTE FUNCTION learners_one_upn_one_learner();
    CREATE TRIGGER one_upn_one_learner BEFORE INSERT OR UPDATE ON learners_formeridentifier
        FOR EACH ROW EXECUTE FUNCTION learners_one_upn_one_learner();
"""

HOLDERS = """
    -- Exactly one holder on every day from the first (rule 1): the exclusion constraint forbids
    -- two; this forbids a gap, once the transaction is whole.
    CREATE FUNCTION learners_no_gap_in_holders() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE whose uuid := coalesce(NEW.learner_id, OLD.learner_id);
    BEGIN
        IF EXISTS (
            SELECT 1 FROM (
                SELECT ends_on, lead(starts_on) OVER (ORDER BY starts_on) AS next_starts_on
                FROM learners_recordholder WHERE learner_id = whose) h
            WHERE next_starts_on IS NOT NULL AND next_starts_on IS DISTINCT FROM ends_on)
        THEN
            RAISE EXCEPTION 'A record has a holder on every day.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER no_gap_in_holders
        AFTER INSERT OR UPDATE OR DELETE ON learners_recordholder
        DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION learners_no_gap_in_holders();
"""

# Two questions that row-level security of learner access itself cannot ask without asking itself.
ACCESS_FUNCTIONS = f"""
    CREATE FUNCTION learners_access_held(learner uuid) RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT {rs.holds("learner")}
    $$;
    CREATE FUNCTION learners_access_is_new(learner uuid) RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT NOT EXISTS (SELECT 1 FROM learners_learneraccess a WHERE a.learner_id = learner)
    $$;
    -- Which learner has a number, for the worker that settles an import's checks and nobody else.
    CREATE FUNCTION learners_with_upn(number text)
        RETURNS TABLE (learner_id uuid, date_of_birth date, holder_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT l.id, l.date_of_birth, coalesce(
            (SELECT coalesce(h.setting_id, h.local_area_id) FROM learners_recordholder h
             WHERE h.learner_id = l.id AND h.ends_on IS NULL),
            (SELECT e.setting_id FROM learners_enrolment e
             WHERE e.learner_id = l.id AND e.ends_on IS NULL AND e.kind = 'main'))
        FROM learners_learner l
        WHERE {rs.WORKER} AND (l.upn = number OR l.id IN (
            SELECT f.learner_id FROM learners_formeridentifier f
            WHERE f.kind = 'upn' AND f.value = number))
    $$;
"""

MAY_GRANT = (
    "learners_access_held(learners_learneraccess.learner_id) "
    "OR learners_access_is_new(learners_learneraccess.learner_id)"
)
HELD = "learners_access_held(learners_learneraccess.learner_id)"

AUDIT_ROLE = settings.DATABASE_ROLES["audit"]
AUDIT = f"""
    SET LOCAL ROLE {AUDIT_ROLE};
    CREATE POLICY seen ON audit_event FOR SELECT TO {rs.app()} USING (
        {rs.reads("audit_event.learner_id")}
        OR actor_id::text = current_setting('lr.actor', true));
    CREATE POLICY seen ON audit_accessentry FOR SELECT TO {rs.app()} USING (
        {rs.reads("audit_accessentry.learner_id")}
        OR actor_id::text = current_setting('lr.actor', true));
    RESET ROLE;
"""
NO_AUDIT = "DROP POLICY seen ON audit_event; DROP POLICY seen ON audit_accessentry;"


class Migration(migrations.Migration):
    """Identifiers, holders, access; row-level security on every table of a learner."""

    dependencies = [("learners", "0001_initial"), ("audit", "0002_append_only")]

    operations = [
        *key_defaults(
            "learners_learner",
            "learners_formeridentifier",
            "learners_enrolment",
            "learners_recordholder",
            "learners_familymember",
            "learners_teachinggroup",
            "learners_teachinggroupmember",
            "learners_censuscode",
            "learners_ehcplan",
            "learners_learneraccess",
        ),
        migrations.RunSQL(
            IDENTIFIERS,
            "DROP TRIGGER one_upn_one_learner ON learners_learner;"
            "DROP TRIGGER one_upn_one_learner ON learners_formeridentifier;"
            "DROP FUNCTION learners_one_upn_one_learner();"
            "ALTER TABLE learners_learner DROP CONSTRAINT upn_check_letter;"
            "DROP FUNCTION upn_is_valid(text);",
        ),
        migrations.RunSQL(
            HOLDERS,
            "DROP TRIGGER no_gap_in_holders ON learners_recordholder;"
            "DROP FUNCTION learners_no_gap_in_holders();",
        ),
        migrations.RunSQL(
            ACCESS_FUNCTIONS,
            "DROP FUNCTION learners_access_held(uuid);"
            "DROP FUNCTION learners_access_is_new(uuid);"
            "DROP FUNCTION learners_with_upn(text);",
        ),
        rs.protect(
            "learners_learneraccess",
            rs.policy(
                "seen",
                "SELECT",
                using=f"learners_learneraccess.grantee_id = ANY ({rs.READ_LIST}) OR {HELD}",
            ),
            rs.policy("given", "INSERT", check=MAY_GRANT),
            rs.policy("changed", "UPDATE", using=HELD, check="true"),
        ),
        rs.protect(
            "learners_learner",
            rs.policy("seen", "SELECT", using=rs.reads("learners_learner.id")),
            rs.policy("added", "INSERT", check=rs.KNOWN),
            rs.policy(
                "changed",
                "UPDATE",
                using=rs.holds("learners_learner.id"),
                check=rs.holds("learners_learner.id"),
            ),
        ),
        rs.learner_table("learners_formeridentifier"),
        rs.learner_table("learners_enrolment"),
        rs.learner_table("learners_recordholder"),
        rs.learner_table("learners_familymember"),
        rs.learner_table("learners_teachinggroupmember"),
        rs.learner_table("learners_censuscode"),
        rs.learner_table("learners_ehcplan"),
        migrations.RunSQL(AUDIT, f"SET LOCAL ROLE {AUDIT_ROLE}; {NO_AUDIT} RESET ROLE;"),
    ]
