"""Systems connected to the API: connecting one, changing what it acts for, a new secret, the end.

Whatever changes, its tokens die with it: what is true here is true at its next request.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from oauth2_provider.models import AccessToken, Application

from apps.access import policy
from apps.access.grants import Actor
from apps.access.models import ApiClient, ApiClientGrant
from apps.access.roles import SCOPES
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.settings.models import LocalArea, Setting


@transaction.atomic
def connect_system(
    *,
    by: Actor,
    name: str,
    scopes: list[str],
    settings: Sequence[Setting],
    local_areas: Sequence[LocalArea],
    starts_on: date | None = None,
    last_day: date | None = None,
) -> tuple[ApiClient, str]:
    """Give a system its way into the API; returns it and its secret, which is shown only now.

    Raises Invalid for a scope that there is not, for no organisation, or for dates that are past.
    """
    policy.check_is_administrator(by)
    _check(scopes, [*settings, *local_areas], starts_on, last_day)
    secret = _new_secret()
    application = Application.objects.create(
        name=name,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
        client_secret=secret,
    )
    client = ApiClient.objects.create(application=application, name=name, scopes=scopes)
    _act_for(client, [*settings, *local_areas], starts_on, last_day)
    _log(by, client, "system connected")
    return client, secret


@transaction.atomic
def change_system(
    *,
    by: Actor,
    client: ApiClient,
    scopes: list[str],
    settings: Sequence[Setting],
    local_areas: Sequence[LocalArea],
    last_day: date | None = None,
) -> None:
    """Change what a system may do, for whom, and until when; raises as `connect_system` does."""
    _check_open(by, client)
    _check(scopes, [*settings, *local_areas], None, last_day)
    client.scopes = scopes
    client.save(update_fields=["scopes"])
    _act_for(client, [*settings, *local_areas], None, last_day)
    _end_tokens(client)
    _log(by, client, "system changed")


@transaction.atomic
def renew_secret(*, by: Actor, client: ApiClient) -> str:
    """A new secret, which is shown only now; the one before it works no more."""
    _check_open(by, client)
    secret = _new_secret()
    client.application.client_secret = secret
    client.application.save()
    _end_tokens(client)
    _log(by, client, "system secret renewed")
    return secret


@transaction.atomic
def end_system(*, by: Actor, client: ApiClient) -> None:
    """A system has no way in any more. What it did stays in the log under its name."""
    _check_open(by, client)
    client.ended_at = clock.now()
    client.save(update_fields=["ended_at"])
    client.application.client_secret = _new_secret()  # nobody's: no token comes from it
    client.application.save()
    _act_for(client, [], None, None)
    _end_tokens(client)
    _log(by, client, "system ended")


def current(client: ApiClient) -> list[ApiClientGrant]:
    """What a system acts for today or later."""
    now = Q(ends_on=None) | Q(ends_on__gt=clock.today())
    rows = client.grants.filter(now).select_related("setting", "local_area")
    return list(rows.order_by("starts_on", "id"))


def _check_open(by: Actor, client: ApiClient) -> None:
    policy.check_is_administrator(by)
    if client.ended_at:
        raise InvalidTransition("This system was ended. Connect it anew.")


def _check(
    scopes: list[str],
    places: Sequence[Setting | LocalArea],
    starts_on: date | None,
    last_day: date | None,
) -> None:
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown:
        raise Invalid(f"There is no scope {unknown[0]}. The scopes are: {', '.join(SCOPES)}.")
    if not places:
        raise Invalid(
            "Name at least one setting or local area that it acts for.",
            {"settings": "Name at least one setting or local area"},
        )
    if starts_on and starts_on < clock.today():
        raise Invalid("Check the dates.", {"starts_on": "The first day cannot be past"})
    if last_day and last_day < max(clock.today(), starts_on or clock.today()):
        raise Invalid(
            "Check the dates.", {"last_day": "The last day must be after the first, and not past"}
        )


def _act_for(
    client: ApiClient,
    places: Sequence[Setting | LocalArea],
    starts_on: date | None,
    last_day: date | None,
) -> None:
    """Have the client act for these places and no others, until the last day."""
    today = clock.today()
    ends_on = last_day and last_day + timedelta(days=1)
    wanted: dict[UUID | None, Setting | LocalArea] = {place.id: place for place in places}
    for grant in current(client):
        if wanted.pop(grant.setting_id or grant.local_area_id, None):
            grant.ends_on = ends_on
            grant.save(update_fields=["ends_on"])
        elif grant.starts_on >= today:
            grant.delete()
        else:
            grant.ends_on = today
            grant.save(update_fields=["ends_on"])
    for place in wanted.values():
        kind = "setting" if isinstance(place, Setting) else "local_area"
        ApiClientGrant.objects.create(
            client=client, starts_on=starts_on or today, ends_on=ends_on, **{kind: place}
        )


def _new_secret() -> str:
    return secrets.token_urlsafe(48)


def _end_tokens(client: ApiClient) -> None:
    AccessToken.objects.filter(application=client.application).delete()


def _log(by: Actor, client: ApiClient, action: str) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="API client",
        subject_id=client.id,
        detail={
            "name": client.name,
            "scopes": client.scopes,
            "places": [g.setting_id or g.local_area_id for g in current(client)],
        },
    )
