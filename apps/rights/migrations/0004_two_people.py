"""One proposes and another decides, in the database too."""

from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

TABLE = "rights_decision"
LEARNER = f"{TABLE}.learner_id"
OURS = f"{rs.reads_as_organisation(LEARNER)} AND holder_id = ANY ({rs.READ_LIST})"
DECIDES = ("head", "safeguarding-lead", "senco", "assistant-senco", "officer")

RULE = f"""
    CREATE FUNCTION rights_two_people() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        asks uuid := nullif(current_setting('lr.actor', true), '')::uuid;
    BEGIN
        IF TG_OP = 'INSERT' THEN
            IF NEW.state = 'waiting' AND NEW.proposed_by_id = asks THEN
                RETURN NEW;
            END IF;
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
    CREATE TRIGGER two_people BEFORE INSERT OR UPDATE ON {TABLE}
        FOR EACH ROW EXECUTE FUNCTION rights_two_people();
"""


class Migration(migrations.Migration):
    """Row-level security, history, and a trigger that knows who is who; nobody deletes one."""

    dependencies = [
        ("rights", "0003_decisions"),
        ("access", "0004_safeguarding_lead"),
        ("audit", "0004_history_and_chain"),
    ]

    operations = [
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=OURS),
            rs.policy("proposed", "INSERT", check=f"{rs.holds(LEARNER)} AND {OURS}"),
            rs.policy("decided", "UPDATE", using=OURS, check=OURS),
        ),
        history.keep(TABLE),
        migrations.RunSQL(
            RULE, f"DROP TRIGGER two_people ON {TABLE}; DROP FUNCTION rights_two_people();"
        ),
    ]
