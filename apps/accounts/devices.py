"""Browsers from which somebody has signed in: a new one is worth a notice."""

from __future__ import annotations

import hashlib
import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.accounts.models import KnownDevice, User
from apps.common import clock

COOKIE = "device"
_YEAR = 365 * 24 * 60 * 60


def recognise(request: HttpRequest, user: User) -> bool:
    """Note the browser of this sign-in; whether it is new for somebody who has used another."""
    token = request.COOKIES.get(COOKIE, "")
    digest = hashlib.sha256(token.encode()).hexdigest()
    if token and KnownDevice.objects.filter(user=user, digest=digest).update(
        last_used_at=clock.now()
    ):
        return False
    others = KnownDevice.objects.filter(user=user).exists()
    if not token:
        token = secrets.token_urlsafe(32)
        digest = hashlib.sha256(token.encode()).hexdigest()
        request.new_device = token  # type: ignore[attr-defined]
    KnownDevice.objects.create(
        user=user,
        digest=digest,
        browser=request.headers.get("User-Agent", "")[:200],
        first_used_at=clock.now(),
        last_used_at=clock.now(),
    )
    return others


def known(request: HttpRequest, email: str) -> str:
    """The digest of the browser of this request, if whoever has this address has used it."""
    token = request.COOKIES.get(COOKIE, "")
    digest = hashlib.sha256(token.encode()).hexdigest()
    used = KnownDevice.objects.filter(user__email=email.strip().lower(), digest=digest)
    return digest if token and used.exists() else ""


def forget_pages(request: HttpRequest) -> None:
    """Have the browser of this request forget what it kept of our pages."""
    request.forget_pages = True  # type: ignore[attr-defined]


def remember(request: HttpRequest, response: HttpResponse) -> None:
    """Tell the browser what it is to keep of this request, and what not.

    A new one gets the cookie by which it is known: not who it is, only that it was here. One from
    which somebody has signed out forgets its copies of pages.
    """
    if getattr(request, "forget_pages", False):
        response["Clear-Site-Data"] = '"cache", "storage"'
    if token := getattr(request, "new_device", ""):
        response.set_cookie(
            COOKIE,
            token,
            max_age=_YEAR,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
