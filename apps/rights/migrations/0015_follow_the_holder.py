"""What waits for two people, and what is due, goes with the record to whoever comes to hold it."""

from django.db import migrations

from apps.common import row_security as rs

DECIDES = ("head", "safeguarding-lead", "senco", "assistant-senco", "officer")

# With the record, or with what is due where nobody held one.
FOLLOWS = """
        ELSIF OLD.state = 'waiting'
            AND to_jsonb(NEW) - 'holder_id' = to_jsonb(OLD) - 'holder_id'
            AND NEW.holder_id IN (
                SELECT coalesce(h.setting_id, h.local_area_id) FROM learners_recordholder h
                WHERE h.learner_id = NEW.learner_id AND h.ends_on IS NULL
                UNION ALL
                SELECT d.holder_id FROM rights_disposal d WHERE d.decision_id = NEW.id)
        THEN
            RETURN NEW;"""


def two_people(follows: str) -> str:
    """As 0004 has it, with or without decisions that follow the holder."""
    return f"""
    CREATE OR REPLACE FUNCTION rights_two_people() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        asks uuid := nullif(current_setting('lr.actor', true), '')::uuid;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.state = 'waiting' AND NEW.proposed_by_id = asks THEN
                RETURN NEW;
            END IF;{follows}
        ELSIF OLD.state = 'waiting' AND NEW.state <> 'waiting' AND NEW.decided_by_id = asks
            AND asks <> OLD.proposed_by_id
            AND to_jsonb(NEW) - '{{state,decided_by_id,decided_at,declined_because}}'::text[]
              = to_jsonb(OLD) - '{{state,decided_by_id,decided_at,declined_because}}'::text[]
            AND {rs.has_role("OLD.holder_id", *DECIDES)}
            -- Not an account that was made for the occasion.
            AND EXISTS (SELECT FROM accounts_user u
                        WHERE u.id = asks AND u.date_joined < OLD.proposed_at)
            AND NOT {rs.invited_by("asks", "OLD.proposed_by_id", "OLD.proposed_at")}
        THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'This takes two people: one proposes it, another who may decides.'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$;
"""


FOLLOW = """
    CREATE FUNCTION rights_follow_holder() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE holder uuid := coalesce(NEW.setting_id, NEW.local_area_id);
    BEGIN
        UPDATE rights_decision SET holder_id = holder
        WHERE learner_id = NEW.learner_id AND state = 'waiting' AND holder_id <> holder;
        UPDATE rights_disposal SET holder_id = holder
        WHERE learner_id = NEW.learner_id AND holder_id <> holder;
        RETURN NULL;
    END $$;
    -- One that ended and holds again, where a join is undone, as much as a new one.
    CREATE TRIGGER rights_follow_holder AFTER INSERT OR UPDATE OF ends_on ON learners_recordholder
        FOR EACH ROW WHEN (NEW.ends_on IS NULL) EXECUTE FUNCTION rights_follow_holder();
"""
# Those who were left behind.
CATCH_UP = """
    UPDATE rights_decision d SET holder_id = coalesce(h.setting_id, h.local_area_id)
    FROM learners_recordholder h
    WHERE h.learner_id = d.learner_id AND h.ends_on IS NULL AND d.state = 'waiting'
        AND d.holder_id <> coalesce(h.setting_id, h.local_area_id);
    UPDATE rights_disposal d SET holder_id = coalesce(h.setting_id, h.local_area_id)
    FROM learners_recordholder h
    WHERE h.learner_id = d.learner_id AND h.ends_on IS NULL
        AND d.holder_id <> coalesce(h.setting_id, h.local_area_id);
"""
SUCCESSOR = f"""
    -- What no record holder says: who was due and never on a register, and how long all are kept.
    CREATE FUNCTION rights_to_successor(old uuid, new uuid) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF NOT ({rs.WORKER}) OR NOT ARRAY[old, new] <@ coalesce({rs.HOLD_LIST}, '{{}}') THEN
            RAISE EXCEPTION 'Only the worker passes on what a setting decides, for both settings.';
        END IF;
        UPDATE rights_disposal SET holder_id = new WHERE holder_id = old;
        UPDATE rights_decision SET holder_id = new
        WHERE holder_id = old AND state = 'waiting' AND kind = 'disposal';
        INSERT INTO rights_retentionchange (id, organisation_id, years, reason, made_by_id, made_at)
        SELECT uuidv7(), new, c.years, c.reason, c.made_by_id, c.made_at
        FROM rights_retentionchange c
        WHERE c.organisation_id = old AND NOT EXISTS (
            SELECT FROM rights_retentionchange own WHERE own.organisation_id = new)
        ORDER BY c.made_at DESC LIMIT 1;
    END $$;
    REVOKE ALL ON FUNCTION rights_to_successor FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION rights_to_successor TO {rs.app()};
"""


class Migration(migrations.Migration):
    """A trigger on the holders of records, and what a successor takes over besides."""

    dependencies = [("rights", "0014_noticed"), ("learners", "0015_sealed")]

    operations = [
        migrations.RunSQL(two_people(FOLLOWS), two_people("")),
        migrations.RunSQL(
            FOLLOW,
            "DROP TRIGGER rights_follow_holder ON learners_recordholder;"
            "DROP FUNCTION rights_follow_holder();",
        ),
        migrations.RunSQL(CATCH_UP, migrations.RunSQL.noop),
        migrations.RunSQL(SUCCESSOR, "DROP FUNCTION rights_to_successor(uuid, uuid);"),
    ]
