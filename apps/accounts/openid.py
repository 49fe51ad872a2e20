"""Going to an OpenID provider of this deployment, and what a person has there."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.http import HttpRequest
from requests import RequestException

from apps.accounts.models import User
from apps.common.exceptions import Invalid, NotVisible

_LEEWAY = 30  # seconds by which a provider's clock may differ
_LONGEST_NAME = 200
_LOCAL_AUTHORITY = "002"  # DfE Sign-in’s category of organisation


class Purpose(StrEnum):
    """Why somebody goes to a provider."""

    SIGN_IN = "sign in"
    CONNECT = "connect"
    JOIN = "join"
    AGAIN = "show again"


@dataclass(frozen=True)
class Provider:
    """A provider as it is configured; `counts` are the `amr` or `acr` that are a second factor."""

    id: str
    name: str
    counts: frozenset[str]
    says_organisation: bool

    def showed_second_factor(self, claims: dict[str, Any]) -> bool:
        """Whether it says that it asked for one, and this deployment takes its word."""
        methods = claims.get("amr")
        said = {str(m) for m in methods} if isinstance(methods, list) else set()
        return bool(self.counts & (said | {str(claims.get("acr", ""))}))


def configured() -> list[Provider]:
    """The providers of this deployment."""
    apps: list[dict[str, Any]] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    return [
        Provider(
            app["provider_id"],
            app["name"],
            frozenset(app["settings"]["second_factor"]),
            app["settings"]["organisation"],
        )
        for app in apps
    ]


def provider(provider_id: str) -> Provider:
    """One of them. Raises NotVisible."""
    found = next((p for p in configured() if p.id == provider_id), None)
    if found is None:
        raise NotVisible
    return found


def begin(
    request: HttpRequest, provider_id: str, purpose: Purpose, *, next_url: str = "", **kept: str
) -> str:
    """The provider's address to go to now; `kept` comes back with the person, and not by them.

    Raises NotVisible for no provider of ours, Invalid with a sentence when it does not answer.
    """
    name = provider(provider_id).name
    nonce = secrets.token_urlsafe(32)
    asks = {"nonce": nonce}
    if purpose is Purpose.AGAIN:
        asks |= {"prompt": "login", "max_age": "0"}
    left_at = str(time.time())
    kept |= {"purpose": purpose, "nonce": nonce, "next": next_url, "left_at": left_at}
    try:
        sent = (
            get_adapter()
            .get_provider(request, provider_id)
            .redirect(request, "login", next_url or None, kept, auth_params=asks)
        )
    except (RequestException, OAuth2Error, SocialApp.DoesNotExist) as wrong:
        raise Invalid(f"{name} does not answer. Try again soon, or use another way.") from wrong
    return str(sent["Location"])


def came_back_as_asked(claims: dict[str, Any], kept: dict[str, str]) -> bool:
    """Whether this answer was made for this one going, and for no other."""
    return secrets.compare_digest(str(claims["nonce"]), kept["nonce"])


def signed_in_anew(claims: dict[str, Any], kept: dict[str, str]) -> bool:
    """Whether the provider says that it asked again since they left; saying nothing is no."""
    at = claims.get("auth_time")
    return isinstance(at, int | float) and at >= float(kept["left_at"]) - _LEEWAY


def shown_again(request: HttpRequest) -> bool:
    """Whether whoever signed in has lately shown again that it is them."""
    records = get_authentication_records(request, request.user)
    times = [record["at"] for record in records if record.get("reauthenticated")]
    return bool(times) and time.time() - times[-1] < app_settings.REAUTHENTICATION_TIMEOUT


def note_shown_again(request: HttpRequest, account: SocialAccount) -> None:
    """They have, at their provider."""
    record_authentication(
        request,
        request.user,
        "socialaccount",
        provider=account.provider,
        uid=account.uid,
        reauthenticated=True,
    )


def note_second_factor(request: HttpRequest, user: User, provider_id: str) -> None:
    """Their provider asked for a second factor, and its word counts."""
    record_authentication(request, user, "mfa", type="provider", provider=provider_id)


def connections(user_id: UUID) -> list[SocialAccount]:
    """A person's identities at providers, each with the provider's `name`."""
    names = {p.id: p.name for p in configured()}
    rows = list(SocialAccount.objects.filter(user_id=user_id).order_by("date_joined"))
    for row in rows:
        row.name = names.get(row.provider, row.provider)
    return rows


def organisation_said(claims: dict[str, Any]) -> dict[str, str]:
    """The organisation that a provider names, from DfE Sign-in's claim: JSON inside a string.

    Its name and the numbers that identify it; empty where it says none, or nothing readable. A
    local authority is known by its code, everyone else by URN or UKPRN.
    """
    try:
        said = json.loads(claims.get("organisation") or "{}")
    except (TypeError, ValueError):
        return {}
    if not isinstance(said, dict):
        return {}
    category, authority = said.get("category"), said.get("localAuthority")
    found = {key: said.get(key) for key in ("name", "urn", "ukprn")}
    if isinstance(category, dict) and category.get("id") == _LOCAL_AUTHORITY:
        own = authority.get("code") if isinstance(authority, dict) else None
        found["la"] = own or said.get("establishmentNumber")
    return {key: str(value)[:_LONGEST_NAME] for key, value in found.items() if value}
