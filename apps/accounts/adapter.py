"""How sign-in behaves: nobody signs up, people are invited."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.core import context
from allauth.core.exceptions import ReauthenticationRequired
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from apps.accounts import devices, openid


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by accepting an invitation, never by signing up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody can sign themselves up."""
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """A browser that this person has used counts its own failures.

        So nobody who knows an address holds its owner out by guessing (assurance.md: slow, not
        locked).
        """
        key = str(super()._get_login_attempts_cache_key(request, **credentials))
        device = devices.known(request, str(credentials.get("email", "")))
        return f"{key}:{device}" if device else key

    def get_login_stages(self) -> list[str]:
        """What a sign-in goes through, with the second step as ours."""
        ours = {"allauth.mfa.stages.AuthenticateStage": "apps.accounts.stages.SecondStep"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """How somebody can show again that it is them: at their provider too."""
        there = openid.connections(user.pk) if user.is_authenticated else []
        asked = {provider.id for provider in openid.configured()}
        return super().get_reauthentication_methods(user) + [
            {
                "id": f"openid:{c.provider}",
                "description": f"Sign in again with {c.name}",
                "url": reverse("again-with", args=[c.provider]),
            }
            for c in there
            if c.provider in asked
        ]

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """The library lets whoever has no password and no key of ours go on; we do not."""
        request = context.request
        if not get_reauthentication_flows(request.user) and not openid.shown_again(request):
            raise ReauthenticationRequired
        return super().is_reauthentication_required(app=app, **kwargs)


class MFAAdapter(DefaultMFAAdapter):
    """The secrets of second factors are encrypted where they are kept."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code is not right, or has run out. Enter the one that shows now.",
    }

    def encrypt(self, text: str) -> str:
        """A secret as it is kept."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """A secret as it is used."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """By the service's secret key, and by those before it while they are being replaced."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = [hashlib.sha256(b"second factor:" + str(s).encode()).digest() for s in secrets]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(d)) for d in digests])
