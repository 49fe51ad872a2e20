"""Who is acting: the only reader of memberships.

An `Actor` is worked out once per request, task or command and handed to every policy, selector and
action as `by` or `actor`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from uuid import UUID

from django.db import connection

from apps.access.permissions import Permission, Right
from apps.access.roles import ROLES, Role, Through, client_role
from apps.common import clock

# The key of figures for the whole country, which is no organisation's.
THE_COUNTRY = UUID(int=0)


@dataclass(frozen=True)
class Place:
    """A role held at a place today; `membership_id` is a specialist's deployment there.

    `team_id` is the key of a local area's team for those it looks after, and `opened` are the
    settings that have opened their records to this place.
    """

    role: Role
    organisation_id: UUID | None
    organisation_name: str
    group_ids: tuple[UUID, ...] = ()
    whole_setting: bool = False
    membership_id: UUID | None = None
    team_id: UUID | None = None
    opened: tuple[UUID, ...] = ()

    @property
    def reaches(self) -> tuple[UUID, ...]:
        """The keys to which rows of learner access are granted that this role can use."""
        if self.role.reach is None:
            return ()
        keys: dict[Through, tuple[UUID | None, ...]] = {
            Through.ORGANISATION: (self.organisation_id,),
            Through.GROUPS: (self.organisation_id,) if self.whole_setting else self.group_ids,
            Through.DEPLOYMENT: (self.membership_id,),
            Through.TEAM: (self.team_id,),
            Through.OPENED: self.opened,
        }
        return tuple(key for key in keys[self.role.through] if key)


@dataclass(frozen=True)
class Actor:
    """Whoever reads or acts: a person with their places, a client of the API, or the worker."""

    user_id: UUID | None
    name: str
    kind: str = "person"  # "person", "client", "worker", "nobody"
    places: tuple[Place, ...] = ()
    scopes: frozenset[str] = frozenset()
    purpose: str = ""
    acting_at: UUID | None = None
    extra_holds: tuple[UUID, ...] = field(default=())

    @property
    def key(self) -> UUID:
        """The actor's own key, or one that is nobody's: for looking up what is theirs."""
        return self.user_id or UUID(int=0)

    @property
    def is_authenticated(self) -> bool:
        """Whether we know who it is; the API's framework asks."""
        return self.kind != "nobody"

    @property
    def person_id(self) -> UUID | None:
        """The actor's key where rows name a person; a connected system is none."""
        return self.user_id if self.kind == "person" else None

    @cached_property
    def _acting_place(self) -> Place | None:
        for place in self.places:
            if self.acting_at in {None, place.organisation_id}:
                return place
        return None

    @property
    def role(self) -> str:
        """The role in which this actor acts, as the log shows it."""
        if self._acting_place:
            return self._acting_place.role.name
        return "Family" if self.kind == "person" else self.kind.title()

    @property
    def organisation_id(self) -> UUID | None:
        """The organisation for which this actor acts."""
        return self._acting_place.organisation_id if self._acting_place else None

    @property
    def organisation_name(self) -> str:
        """Its name."""
        return self._acting_place.organisation_name if self._acting_place else ""

    @property
    def is_of_an_area(self) -> bool:
        """Whether this actor acts for a local area."""
        return bool(self._acting_place and self._acting_place.role.held_at == "local_area")

    def at(self, organisation_id: UUID | None) -> Actor:
        """The same actor acting for one of their organisations."""
        return replace(self, acting_at=organisation_id)

    def through(self, grantee_id: UUID) -> Actor:
        """The same actor acting where they use a row of learner access granted to that key."""
        place = next((place for place in self.places if grantee_id in place.reaches), None)
        if place is None:
            return self
        # First among their places: of two roles at one organisation, the one that lets them.
        others = tuple(other for other in self.places if other is not place)
        return replace(self, acting_at=place.organisation_id, places=(place, *others))

    def as_family(self) -> Actor:
        """The same person acting for nobody but their own family, whatever roles they hold."""
        return replace(self, acting_at=self.key)

    def for_purpose(self, purpose: str) -> Actor:
        """The same actor, saying why they read."""
        return replace(self, purpose=purpose)

    def may(self, permission: Permission, at: UUID | None = None) -> bool:
        """Whether any role of theirs allows this, there or (without `at`) anywhere."""
        return any(
            permission in place.role.permissions and at in {None, place.organisation_id}
            for place in self.places
        )

    def organisations(self, permission: Permission) -> list[UUID]:
        """Where their roles allow this."""
        return [
            place.organisation_id
            for place in self.places
            if permission in place.role.permissions and place.organisation_id
        ]

    def seeing_figures(self) -> list[UUID]:
        """Whose figures their roles show; a role at no organisation sees the whole country's."""
        keys = [
            place.organisation_id or THE_COUNTRY
            for place in self.places
            if Permission.SEE_FIGURES in place.role.permissions
        ]
        return [*dict.fromkeys(keys)]

    def reaching(self, right: Right) -> list[UUID]:
        """The grantee keys with which this actor has at least `right`, where a row gives it."""
        ids = [
            grantee
            for place in self.places
            if place.role.reach and place.role.reach.rank >= right.rank
            for grantee in place.reaches
        ]
        if self.kind == "person" and self.user_id and right is not Right.HOLD:
            ids.append(self.user_id)
        return [*dict.fromkeys([*ids, *self.extra_holds])]


NOBODY = Actor(user_id=None, name="Nobody", kind="nobody")

# Today, with the demo's shift where it counts; then the person's roles with all that they reach by.
_PLACES = """
    SELECT d.days, m.role, m.starts_on, m.ends_on, m.group_ids, m.whole_setting,
           coalesce(m.setting_id, m.local_area_id, m.setting_group_id),
           coalesce(s.name, a.name, g.name, ''), m.id, a.looked_after_team_id,
           CASE WHEN m.role = ANY (%s) THEN ARRAY(
               SELECT o.setting_id FROM access_opening o
               JOIN education_settings_setting t ON t.id = o.setting_id
               WHERE (o.setting_group_id = m.setting_group_id AND t.group_id = m.setting_group_id
                   OR o.local_area_id = m.local_area_id AND t.local_area_id = m.local_area_id)
                 AND o.starts_on <= d.today AND (o.ends_on IS NULL OR o.ends_on > d.today))
           END
    FROM (SELECT days, (now() AT TIME ZONE 'Europe/London')::date + days AS today FROM (
              SELECT CASE WHEN %s THEN coalesce((SELECT days FROM common_clockshift), 0) ELSE 0 END
              AS days) shift) d
    LEFT JOIN access_membership m ON m.user_id = %s
    LEFT JOIN education_settings_setting s ON s.id = m.setting_id
    LEFT JOIN education_settings_localarea a ON a.id = m.local_area_id
    LEFT JOIN education_settings_settinggroup g ON g.id = m.setting_group_id
    ORDER BY m.starts_on, m.id
"""
_READ_OPENED = [r.code for r in ROLES.values() if r.through is Through.OPENED]


def person(user_id: UUID, name: str, *, clock_may_shift: bool) -> Actor:
    """The actor for a signed-in person: one query, which also reads the demo's clock."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACES, [_READ_OPENED, clock_may_shift, user_id])
        rows = cursor.fetchall()
    clock.set_shift(rows[0][0])
    return Actor(user_id=user_id, name=name, places=tuple(_places(rows, clock.today())))


def _places(rows: Iterable[tuple], today: date) -> Iterable[Place]:
    for _, role, starts, ends, groups, whole, organisation, name, key, team, opened in rows:
        if role and starts <= today and (ends is None or today < ends):
            yield Place(
                ROLES[role],
                organisation,
                name,
                tuple(groups or ()),
                whole,
                membership_id=key,
                team_id=team,
                opened=tuple(opened or ()),
            )


_CLIENT = """
    SELECT coalesce((SELECT days FROM common_clockshift), 0), c.id, c.name,
           g.starts_on, g.ends_on, coalesce(g.setting_id, g.local_area_id),
           coalesce(s.name, a.name), g.setting_id IS NULL, c.scopes
    FROM access_apiclient c
    LEFT JOIN access_apiclientgrant g ON g.client_id = c.id
    LEFT JOIN education_settings_setting s ON s.id = g.setting_id
    LEFT JOIN education_settings_localarea a ON a.id = g.local_area_id
    WHERE c.application_id = %s AND c.ended_at IS NULL ORDER BY g.id
"""


def client(application_id: int, scopes: Iterable[str], *, clock_may_shift: bool) -> Actor:
    """The actor for a system connected to the API: its scopes, at the organisations granted today.

    One query. A token gives no scope that was taken from the client since. An application that is
    no client of ours is nobody, and so is one that was ended.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLIENT, [application_id])
        rows = cursor.fetchall()
    if not rows:
        return NOBODY
    clock.set_shift(rows[0][0] if clock_may_shift else 0)
    today, scopes = clock.today(), frozenset(scopes) & frozenset(rows[0][-1])
    roles = {is_area: client_role(scopes, oversees=is_area) for is_area in (True, False)}
    places = tuple(
        Place(roles[is_area], organisation, name)
        for *_, starts, ends, organisation, name, is_area, _ in rows
        if organisation and starts <= today and (ends is None or today < ends)
    )
    return Actor(user_id=rows[0][1], name=rows[0][2], kind="client", places=places, scopes=scopes)


def operator() -> Actor:
    """Whoever runs a command on the server: sets up the service, and reaches no learner."""
    return Actor(None, "Operator", "worker", (Place(ROLES["administrator"], None, ""),))


def worker(*holds: UUID) -> Actor:
    """The worker acting on one row, for the organisations named on that row and no others."""
    return Actor(user_id=None, name="Learner Record", kind="worker", extra_holds=holds)
