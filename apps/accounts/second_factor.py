"""Whether a sign-in showed a second factor: kept in the session, so a page asks no database."""

from __future__ import annotations

from typing import Any

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import record_authentication
from allauth.core import context
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core.cache import cache
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.http import HttpRequest

from apps.common.exceptions import NotVisible

_DEMO_SWITCH = "demo-asks-for-second-step"


def required() -> bool:
    """Whether staff are asked: always, save in the demo, where a switch says."""
    if settings.SECOND_FACTOR_REQUIRED:
        return True
    return settings.DEMO and bool(cache.get(_DEMO_SWITCH))


def ask_in_the_demo(on: bool) -> None:
    """Turn the demo's switch. Raises NotVisible anywhere else: there is none."""
    if not settings.DEMO or settings.SECOND_FACTOR_REQUIRED:
        raise NotVisible
    cache.set(_DEMO_SWITCH, on, timeout=None)


def shown(request: HttpRequest) -> bool:
    """A code, a key or a passkey at this sign-in; or one set up since."""
    return shown_by(request, request.user)


def shown_by(request: HttpRequest, user: Any) -> bool:
    """The same of whoever is still signing in."""
    records = get_authentication_records(request, user)
    return any(record["method"] == "mfa" for record in records)


@receiver(post_save, sender=Authenticator)
def set_up_is_shown(instance: Authenticator, created: bool, **kwargs: Any) -> None:
    """Whoever has just set one up has it with them.

    The library's own signal comes once the transaction has committed: too late for the session.
    """
    request = context.request
    if created and request and instance.type != Authenticator.Type.RECOVERY_CODES:
        record_authentication(request, instance.user, "mfa", type=instance.type)
