"""Row-level security: the SQL with which migrations protect a table.

The second wall. Each policy says again, in the database, what `policy.py` says in Python, from the
rows of learner access and the context that `access.rls` sets. A released migration keeps what it
used: add a function here, never change one.
"""

from __future__ import annotations

from django.conf import settings
from django.db import migrations

# Read and cast once a query, inside the SELECT; the cast outside only says that it is a list.
_READ = "((SELECT nullif(current_setting('lr.read', true), '')::uuid[])::uuid[])"
_CONTRIBUTE = "((SELECT nullif(current_setting('lr.contribute', true), '')::uuid[])::uuid[])"
_HOLD = "((SELECT nullif(current_setting('lr.hold', true), '')::uuid[])::uuid[])"
_FIGURES = "((SELECT nullif(current_setting('lr.figures', true), '')::uuid[])::uuid[])"
_TODAY = "(SELECT nullif(current_setting('lr.today', true), '')::date)"
_KNOWN = "nullif(current_setting('lr.kind', true), '') IS NOT NULL"
_WORKER = "current_setting('lr.kind', true) = 'worker'"


def owner() -> str:
    """The role that owns the tables."""
    return str(settings.DATABASE_ROLES["owner"])


def app() -> str:
    """The role that the application runs as."""
    return str(settings.DATABASE_ROLES["app"])


def reads(learner: str, *, granted: str = _READ, rights: str = "") -> str:
    """The condition that a row of learner access gives the context this learner today."""
    narrowed = f" AND a.access_right IN ({rights})" if rights else ""
    return (
        "EXISTS (SELECT 1 FROM learners_learneraccess a "
        f"WHERE a.learner_id = {learner} AND a.grantee_id = ANY ({granted}){narrowed} "
        f"AND a.starts_on <= {_TODAY} AND (a.ends_on IS NULL OR a.ends_on > {_TODAY}))"
    )


def reads_as_organisation(learner: str) -> str:
    """The condition that an organisation of the context, and not only the person, may read."""
    return reads(learner).replace("WHERE ", "WHERE a.grantee_kind <> 'user' AND ", 1)


def reads_where(learner: str) -> str:
    """The condition that the context may read this learner and know where they are.

    Everyone may who reads them, but the adults of a family from whom that is withheld.
    """
    return reads(learner).replace("WHERE ", "WHERE a.knows_where AND ", 1)


def is_young_person(learner: str) -> str:
    """The condition that the person who asks is the learner, as reader of their own record."""
    return (
        f"EXISTS (SELECT 1 FROM learners_familymember f WHERE f.learner_id = {learner}"
        " AND f.relation = 'self' AND f.user_id::text = current_setting('lr.actor', true))"
    )


def contributes(learner: str) -> str:
    """The condition that the context may contribute to this learner's record."""
    return reads(learner, granted=_CONTRIBUTE, rights="'contribute', 'hold'")


def contributes_as_organisation(learner: str) -> str:
    """The condition that an organisation of the context, and not only the person, may add."""
    return contributes(learner).replace("WHERE ", "WHERE a.grantee_kind <> 'user' AND ", 1)


def contributes_as_specialist(learner: str) -> str:
    """The condition that the learner is referred to a deployment of the context."""
    return contributes(learner).replace("WHERE ", "WHERE a.grantee_kind = 'deployment' AND ", 1)


def contributes_as_staff(learner: str) -> str:
    """The condition that the context adds as an organisation and not by a referral alone."""
    other = "a.grantee_kind NOT IN ('user', 'deployment')"
    return contributes(learner).replace("WHERE ", f"WHERE {other} AND ", 1)


def holds(learner: str) -> str:
    """The condition that the context holds this learner's record."""
    return reads(learner, granted=_HOLD, rights="'hold'")


def has_role(organisation: str, *roles: str) -> str:
    """The condition that the person who asks holds one of these roles there today."""
    listed = ", ".join(f"'{role}'" for role in roles)
    return (
        "EXISTS (SELECT 1 FROM access_membership m "
        "WHERE m.user_id::text = current_setting('lr.actor', true) "
        f"AND coalesce(m.setting_id, m.local_area_id) = {organisation} AND m.role IN ({listed}) "
        f"AND m.starts_on <= {_TODAY} AND (m.ends_on IS NULL OR m.ends_on > {_TODAY}))"
    )


def reads_as(learner: str, *roles: str) -> str:
    """The condition that the context reads this learner where the person holds such a role."""
    return reads(learner).replace("WHERE ", f"WHERE {has_role('a.grantee_id', *roles)} AND ", 1)


def invited_by(person: str, first: str, moment: str) -> str:
    """The condition that somebody joined with a code of the first person's in the weeks before.

    As `access.policy.check_is_second` has it: they may be one person.
    """
    return (
        f"EXISTS (SELECT 1 FROM access_invitation i WHERE i.accepted_by_id = {person} "
        f"AND i.invited_by_id = {first} AND i.role <> '' "
        f"AND i.accepted_at > {moment} - interval '28 days')"
    )


def protect(table: str, *policies: str) -> migrations.RunSQL:
    """Switch row-level security on for a table, for its owner too, with these policies for app."""
    drop = "".join(f"DROP POLICY {p.split()[0]} ON {table};" for p in policies)
    create = "".join(f"CREATE POLICY {p.replace(' ', f' ON {table} ', 1)};" for p in policies)
    return migrations.RunSQL(
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY;"
        f"CREATE POLICY owner ON {table} TO {owner()} USING (true) WITH CHECK (true);{create}",
        f"{drop}DROP POLICY owner ON {table};"
        f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY;"
        f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;",
    )


def policy(name: str, command: str, *, using: str = "", check: str = "") -> str:
    """One policy for the app role, in the form that `protect` takes."""
    parts = [f"{name} FOR {command} TO {app()}"]
    if using:
        parts.append(f"USING ({using})")
    if check:
        parts.append(f"WITH CHECK ({check})")
    return " ".join(parts)


def learner_table(
    table: str, *, write: str = "hold", column: str = "learner_id"
) -> migrations.RunSQL:
    """Protect a table whose rows are a learner's: read with access, write with `write`."""
    learner = f"{table}.{column}"
    may_write = {"hold": holds, "contribute": contributes}[write](learner)
    return protect(
        table,
        policy("seen", "SELECT", using=reads(learner)),
        policy("added", "INSERT", check=may_write),
        policy("changed", "UPDATE", using=may_write, check=may_write),
        policy("removed", "DELETE", using=may_write),
    )


def organisation_table(table: str, *, column: str = "setting_id") -> migrations.RunSQL:
    """Protect a table whose rows belong to an organisation that the context works for."""
    return protect(
        table,
        policy("kept", "ALL", using=f"{table}.{column} = ANY ({_HOLD})"),
        policy("worked", "ALL", using=_WORKER),
    )


def reread(table: str, *, now: str, before: str) -> migrations.RunSQL:
    """Change who reads a table's rows: the condition of its policy `seen`, now and before."""
    change = "DROP POLICY seen ON {0}; CREATE POLICY seen ON {0} FOR SELECT TO {1} USING ({2});"
    return migrations.RunSQL(change.format(table, app(), now), change.format(table, app(), before))


def read_only(table: str) -> migrations.RunSQL:
    """Take UPDATE, DELETE and TRUNCATE of a table from the app role."""
    return migrations.RunSQL(
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {app()}",
        f"GRANT UPDATE, DELETE ON {table} TO {app()}",
    )


KNOWN, WORKER, READ_LIST, HOLD_LIST, TODAY = _KNOWN, _WORKER, _READ, _HOLD, _TODAY
FIGURES_LIST = _FIGURES
