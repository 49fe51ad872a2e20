"""Facts that tests start from, made as the owner so that no policy is in the way."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.utils import timezone
from oauth2_provider.models import AccessToken

from apps.access import clients, grants, rls
from apps.access.grants import Actor
from apps.access.models import Membership
from apps.access.permissions import Right
from apps.access.roles import SCOPES
from apps.accounts.models import User
from apps.common import clock
from apps.learners import access_rows
from apps.learners.access_rows import FAMILY, Grantee
from apps.learners.actions import ENROLLED
from apps.learners.models import Enrolment, FamilyMember, Learner
from apps.learners.names import name_key
from apps.settings.models import LocalArea, Setting, SettingGroup, SettingIdentifier
from tests.support.database import as_owner

_count = itertools.count(1)
LONG_AGO = date(2020, 9, 1)
PASSWORD = "a-long-enough-password"


def local_area(**values: Any) -> LocalArea:
    """A local area that does not exist."""
    n = next(_count)
    defaults = {"code": f"{n % 1000:03d}", "name": f"Area {n}", "starts_on": LONG_AGO}
    return LocalArea.objects.create(**{**defaults, **values})


def setting(area: LocalArea | None = None, **values: Any) -> Setting:
    """An open school."""
    n = next(_count)
    made = Setting.objects.create(
        **{
            "name": f"School {n}",
            "kind": Setting.Kind.SCHOOL,
            "phase": Setting.Phase.PRIMARY,
            "local_area": area or local_area(),
            **values,
        }
    )
    SettingIdentifier.objects.create(
        setting=made, kind="urn", value=f"{900000 + n}", starts_on=LONG_AGO
    )
    return made


def user(name: str = "Sam Pool") -> User:
    """Somebody who can sign in with `PASSWORD`."""
    made = User.objects.create_user(f"person{next(_count)}@example.test", name, PASSWORD)
    made.date_joined = datetime.combine(LONG_AGO, time(12), tzinfo=UTC)
    made.save(update_fields=["date_joined"])
    return made


def setting_group(**values: Any) -> SettingGroup:
    """A trust."""
    n = next(_count)
    return SettingGroup.objects.create(
        **{"kind": SettingGroup.Kind.TRUST, "uid": f"{n}", "name": f"Trust {n}", **values}
    )


def staff(
    role: str, place: Setting | LocalArea | SettingGroup | None = None, **values: Any
) -> User:
    """A person with a role."""
    person = user(values.pop("name", f"The {role}"))
    Membership.objects.create(
        user=person,
        role=role,
        setting=place if isinstance(place, Setting) else None,
        local_area=place if isinstance(place, LocalArea) else None,
        setting_group=place if isinstance(place, SettingGroup) else None,
        **{"starts_on": LONG_AGO, **values},
    )
    return person


def learner(place: Setting, *, year_group: int = 4, **values: Any) -> Learner:
    """A learner with a main enrolment, whom the setting may keep."""
    n = next(_count)
    defaults = {
        "legal_given": "Robin",
        "legal_family": f"Exampleson{n}",
        "known_given": "Robin",
        "known_family": f"Exampleson{n}",
        "date_of_birth": date(2018, 3, 14),
    }
    made = Learner(**{**defaults, **values})
    made.name_key = name_key(made.known_family, made.known_given)
    with as_owner():
        made.save(force_insert=True)
        Enrolment.objects.create(
            learner=made,
            setting=place,
            year_group=year_group,
            starts_on=clock.today() - timedelta(days=400),
        )
        access_rows.give(
            learner_id=made.id,
            kind=Grantee.SETTING,
            grantee_id=place.id,
            right=Right.HOLD,
            reason=ENROLLED,
        )
    return made


def parent(of: Learner, **values: Any) -> User:
    """A parent who may see the record: somebody new, or the `user` given."""
    person = values.pop("user", None) or user("Alex Exampleson")
    with as_owner():
        member = FamilyMember.objects.create(
            learner=of, user=person, name=person.name, relation="mother", may_see=True, **values
        )
        access_rows.give(
            learner_id=of.id,
            kind=Grantee.USER,
            grantee_id=person.id,
            right=Right.CONTRIBUTE,
            reason=FAMILY,
            because_id=member.id,
        )
    return person


def acting_as(person: User) -> Actor:
    """The person's actor, with the database told who asks, inside the test's transaction."""
    actor = grants.person(person.id, person.name, clock_may_shift=True)
    rls.set_context(actor)
    return actor


def api_client(*places: Setting | LocalArea, scopes: Iterable[str] = SCOPES) -> tuple[Actor, str]:
    """A connected system and a token of it: the actor that it is, and the header to send."""
    client, _ = clients.connect_system(
        by=grants.operator(),
        name="A school's system",
        scopes=list(scopes),
        settings=[p for p in places if isinstance(p, Setting)],
        local_areas=[p for p in places if isinstance(p, LocalArea)],
    )
    token = AccessToken.objects.create(
        application=client.application,
        token=secrets.token_hex(20),
        scope=" ".join(scopes),
        expires=timezone.now() + timedelta(hours=1),
    )
    actor = grants.client(client.application_id, client.scopes, clock_may_shift=True)
    return actor, f"Bearer {token.token}"
