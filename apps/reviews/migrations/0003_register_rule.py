"""Rule 3 of domain.md, held by the database: who is on a register, once a transaction is whole."""

from django.db import migrations

RULE = """
    -- On the register of each setting of a current main or subsidiary enrolment, or on the list of
    -- the area that holds the record, exactly while a need at or above the threshold or an EHC plan
    -- is in force. Looked at when the transaction ends; today is the context's day.
    CREATE FUNCTION reviews_register_is_true() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        whose uuid := coalesce(NEW.learner_id, OLD.learner_id);
        today date := coalesce(
            nullif(current_setting('lr.today', true), '')::date, CURRENT_DATE);
        wanted uuid[];
        listed uuid[];
    BEGIN
        IF NOT EXISTS (SELECT 1 FROM reviews_learnerrecord r WHERE r.learner_id = whose) THEN
            RETURN NULL;
        END IF;
        IF EXISTS (
            SELECT 1 FROM reviews_statement s
            JOIN framework_level l ON l.id = s.level_id
            JOIN framework_frameworkversion v ON v.id = l.version_id
            WHERE s.learner_id = whose AND s.withdrawn_no IS NULL AND l.rank >= v.register_rank)
        OR EXISTS (
            SELECT 1 FROM learners_ehcplan p WHERE p.learner_id = whose AND p.starts_on <= today
                AND (p.ends_on IS NULL OR p.ends_on > today))
        THEN
            SELECT array_agg(place ORDER BY place) INTO wanted FROM (
                SELECT e.setting_id AS place FROM learners_enrolment e
                WHERE e.learner_id = whose AND e.kind <> 'guest' AND e.starts_on <= today
                    AND (e.ends_on IS NULL OR e.ends_on > today)
                UNION
                SELECT h.local_area_id FROM learners_recordholder h
                WHERE h.learner_id = whose AND h.local_area_id IS NOT NULL
                    AND h.starts_on <= today AND (h.ends_on IS NULL OR h.ends_on > today)) p;
        END IF;
        SELECT array_agg(place ORDER BY place) INTO listed FROM (
            SELECT coalesce(r.setting_id, r.local_area_id) AS place FROM register_registerentry r
            WHERE r.learner_id = whose AND r.ends_on IS NULL) p;
        IF wanted IS DISTINCT FROM listed THEN
            RAISE EXCEPTION 'The register does not say what needs, plans and places say.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NULL;
    END $$;
"""


def trigger(table: str, when: str = "") -> str:
    condition = f"WHEN ({when})" if when else ""
    events = "INSERT OR UPDATE" if when else "INSERT OR UPDATE OR DELETE"
    return f"""
        CREATE CONSTRAINT TRIGGER register_is_true AFTER {events} ON {table}
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW {condition}
            EXECUTE FUNCTION reviews_register_is_true();
    """


TABLES = {
    "register_registerentry": "",
    "reviews_statement": "NEW.kind = 'need'",
    "learners_enrolment": "",
    "learners_ehcplan": "",
    "learners_recordholder": "",
}


class Migration(migrations.Migration):
    """A trigger on every table from which the rule is told."""

    dependencies = [
        ("reviews", "0002_rules"),
        ("register", "0002_rules"),
        ("learners", "0003_one_upn"),
    ]
    operations = [
        migrations.RunSQL(
            RULE + "".join(trigger(t, w) for t, w in TABLES.items()),
            "".join(f"DROP TRIGGER register_is_true ON {t};" for t in TABLES)
            + "DROP FUNCTION reviews_register_is_true();",
        )
    ]
