"""A sealed record: nobody sees it, and only the audit's role knows which record follows it."""

from importlib import import_module

from django.conf import settings
from django.db import migrations

from apps.audit import history
from apps.common import row_security as rs
from apps.common.migrations_sql import key_defaults

AUDIT = settings.DATABASE_ROLES["audit"]
APP = settings.DATABASE_ROLES["app"]
TABLE = "lives_adoption"
HELD = rs.holds(f"{TABLE}.learner_id")
ACTOR = "current_setting('lr.actor', true)"
# Who decides may only read the record; a teacher reads it too, and must not see this.
DECIDES = rs.reads_as(f"{TABLE}.learner_id", "head", "safeguarding-lead", "officer")

LINK = f"""
    CREATE TABLE lives_adoptionlink (
        id uuid PRIMARY KEY DEFAULT uuidv7(), old_id uuid NOT NULL UNIQUE, new_id uuid NOT NULL,
        proposed_by_id uuid NOT NULL, decided_by_id uuid NOT NULL, because text NOT NULL,
        decided_at timestamptz NOT NULL
    );
    ALTER TABLE lives_adoptionlink ENABLE ROW LEVEL SECURITY;
    ALTER TABLE lives_adoptionlink FORCE ROW LEVEL SECURITY;
    CREATE POLICY owner ON lives_adoptionlink TO {AUDIT} USING (true) WITH CHECK (true);
    REVOKE ALL ON lives_adoptionlink FROM {APP};
    ALTER TABLE lives_adoptionlink OWNER TO {AUDIT};

    -- The two ways to it: adding a link, for `lives_seal`, and asking whether a record is sealed.
    CREATE FUNCTION lives_keep_link(old uuid, new uuid, proposed uuid, decided uuid, why text)
        RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
        INSERT INTO lives_adoptionlink (old_id, new_id, proposed_by_id, decided_by_id, because,
            decided_at) VALUES (old, new, proposed, decided, why, now());
    $$;
    CREATE FUNCTION lives_has_link(old uuid) RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
        SELECT EXISTS (SELECT 1 FROM lives_adoptionlink WHERE old_id = old)
    $$;
    ALTER FUNCTION lives_keep_link OWNER TO {AUDIT};
    ALTER FUNCTION lives_has_link OWNER TO {AUDIT};
    SET LOCAL ROLE {AUDIT};
    REVOKE ALL ON FUNCTION lives_keep_link FROM PUBLIC;
    REVOKE ALL ON FUNCTION lives_has_link FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION lives_keep_link, lives_has_link TO {rs.owner()};
    RESET ROLE;
"""
NO_LINK = f"""
    SET LOCAL ROLE {AUDIT};
    DROP FUNCTION lives_has_link; DROP FUNCTION lives_keep_link; DROP TABLE lives_adoptionlink;
    RESET ROLE;
"""

SEAL = f"""
    CREATE FUNCTION lives_seal(adoption uuid, new uuid) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        asks uuid := nullif({ACTOR}, '')::uuid;
        day date := {rs.TODAY};
        a lives_adoption;
        old learners_learner;
        held uuid;
        everyone uuid[];
    BEGIN
        SELECT * INTO a FROM lives_adoption WHERE id = adoption AND declined_at IS NULL FOR UPDATE;
        -- Who holds the record now, where it has passed since.
        SELECT coalesce(h.setting_id, h.local_area_id, a.held_by) INTO held FROM (SELECT) always
            LEFT JOIN learners_recordholder h ON h.learner_id = a.learner_id AND h.ends_on IS NULL;
        IF a.id IS NULL OR asks IS NULL OR asks = a.proposed_by_id OR NOT EXISTS (
            SELECT FROM accounts_user u WHERE u.id = asks AND u.date_joined < a.proposed_at
        ) OR {rs.invited_by("asks", "a.proposed_by_id", "a.proposed_at")}
        OR NOT EXISTS (
            SELECT 1 FROM access_membership m
            WHERE m.user_id = asks AND m.starts_on <= day AND (m.ends_on IS NULL OR m.ends_on > day)
              AND (coalesce(m.setting_id, m.local_area_id) = held
                   AND m.role IN ('senco', 'assistant-senco', 'head', 'safeguarding-lead', 'officer')
                OR m.role = 'officer' AND EXISTS (
                   SELECT 1 FROM learners_learneraccess x WHERE x.learner_id = a.learner_id
                     AND x.grantee_id = m.local_area_id AND x.ends_on IS NULL)))
        THEN
            RAISE EXCEPTION 'Sealing takes two people: one proposes it, another who may decides.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        SELECT * INTO old FROM learners_learner WHERE id = a.learner_id FOR UPDATE;
        IF rights_held_back(old.id) THEN
            RAISE EXCEPTION 'This record is on legal hold: nothing of it is taken away.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        -- Records that were joined to it are sealed with it.
        everyone := ARRAY(SELECT * FROM rights_all_of(old.id));
        PERFORM lives_keep_link(old.id, new, a.proposed_by_id, asks, a.because);
        UPDATE learners_learner SET closed_because = 'sealed', version = version + 1
        WHERE id = old.id;
        UPDATE learners_recordholder SET sealed = true WHERE learner_id = ANY (everyone);
        UPDATE learners_learneraccess SET ends_on = greatest(starts_on, day)
        WHERE learner_id = ANY (everyone) AND (ends_on IS NULL OR ends_on > day);
        DELETE FROM notifications_notification WHERE learner_id = ANY (everyone);
        DELETE FROM access_invitation WHERE learner_id = ANY (everyone);
        DELETE FROM accounts_unsentform f USING unnest(everyone) whose
            WHERE position(whose::text IN f.page) > 0
               OR string_to_array(f.page, '/') && rights_keys(whose);
        DELETE FROM imports_identifiercheck WHERE learner_id = ANY (everyone);
        DELETE FROM imports_importrow WHERE matched_id = ANY (everyone) OR values ->> 'UPN' = old.upn
            OR (values ->> 'Date of birth' = old.date_of_birth::text
                AND lower(values ->> 'Legal surname') = lower(old.legal_family));
        DELETE FROM lives_adoption WHERE learner_id = old.id;
    END $$;
    REVOKE ALL ON FUNCTION lives_seal FROM PUBLIC;
    GRANT EXECUTE ON FUNCTION lives_seal TO {APP};

    -- Nobody is let in again, by whatever door.
    CREATE FUNCTION lives_stays_sealed() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM learners_learner l
                   WHERE l.id = NEW.learner_id AND l.closed_because = 'sealed') THEN
            RAISE EXCEPTION 'We could not find that learner.'
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER stays_sealed BEFORE INSERT ON learners_learneraccess
        FOR EACH ROW EXECUTE FUNCTION lives_stays_sealed();
    -- A right is to one learner for ever.
    CREATE FUNCTION lives_right_stays() RETURNS trigger LANGUAGE plpgsql
        SET search_path = public, pg_temp AS $$
    BEGIN
        RAISE EXCEPTION 'A right is ended and another given; it passes to no other learner.'
            USING ERRCODE = 'integrity_constraint_violation';
    END $$;
    CREATE TRIGGER right_stays BEFORE UPDATE ON learners_learneraccess FOR EACH ROW
        WHEN (NEW.learner_id <> OLD.learner_id OR NEW.grantee_id <> OLD.grantee_id)
        EXECUTE FUNCTION lives_right_stays();
    CREATE TRIGGER stays_ended BEFORE UPDATE OF ends_on ON learners_learneraccess
        FOR EACH ROW WHEN (NEW.ends_on IS NULL OR NEW.ends_on > OLD.ends_on)
        EXECUTE FUNCTION lives_stays_sealed();
"""
NO_SEAL = """
    DROP TRIGGER right_stays ON learners_learneraccess; DROP FUNCTION lives_right_stays;
    DROP TRIGGER stays_ended ON learners_learneraccess;
    DROP TRIGGER stays_sealed ON learners_learneraccess;
    DROP FUNCTION lives_stays_sealed; DROP FUNCTION lives_seal;
"""

RULES = import_module("apps.lives.migrations.0002_rules")
CLOSED_BEFORE = (
    "CREATE OR REPLACE FUNCTION lives_closed_is_true()"
    + RULES.CLOSED.split("CREATE FUNCTION lives_closed_is_true()")[1].split("END $$;")[0]
    + "END $$;"
)
CLOSED_IS_TRUE = CLOSED_BEFORE.replace(
    "IF said <> 'sealed' AND said <> coalesce(kept, '') THEN",
    "IF (said = 'sealed') IS DISTINCT FROM lives_has_link(whose)\n"
    "            OR said <> 'sealed' AND said <> coalesce(kept, '') THEN",
)

EMERGENCY_BEFORE = import_module("apps.learners.migrations.0007_emergency").EMERGENCY.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)
EMERGENCY = EMERGENCY_BEFORE.replace(
    "WHERE upn = number;", "WHERE upn = number AND closed_because <> 'sealed';"
)

OWN_TIME = f"setting_id = ANY ({rs.READ_LIST})"


def _held(condition: str) -> str:
    return (
        "DROP POLICY held ON learners_recordholder;"
        f"CREATE POLICY held ON learners_recordholder FOR SELECT TO {APP} USING ({condition})"
    )


class Migration(migrations.Migration):
    """The link, the one act that seals, and the doors that a sealed record no longer has."""

    dependencies = [
        ("lives", "0003_adoption"),
        ("learners", "0015_sealed"),
        ("accounts", "0004_unsent_forms"),
        ("imports", "0005_other_numbers"),
    ]

    operations = [
        *key_defaults(TABLE),
        rs.protect(
            TABLE,
            rs.policy("seen", "SELECT", using=f"{HELD} OR {DECIDES}"),
            rs.policy("proposed", "INSERT", check=f"{HELD} AND proposed_by_id::text = {ACTOR}"),
            rs.policy(
                "declined", "UPDATE", using=f"{HELD} OR {DECIDES}", check=f"{HELD} OR {DECIDES}"
            ),
        ),
        history.keep(TABLE),
        migrations.RunSQL(LINK, NO_LINK),
        migrations.RunSQL(SEAL, NO_SEAL),
        migrations.RunSQL(CLOSED_IS_TRUE, CLOSED_BEFORE),
        migrations.RunSQL(EMERGENCY, EMERGENCY_BEFORE),
        migrations.RunSQL(_held(f"{OWN_TIME} AND NOT sealed"), _held(OWN_TIME)),
    ]
