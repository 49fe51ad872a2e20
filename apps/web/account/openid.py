"""Signing in through an OpenID provider: going there, connecting one, showing again who one is.

Going is a page of ours that sends the browser on, never a form's answer: browsers hold every
redirect that follows a form against `form-action`, and a provider redirects to hosts of its own.
"""

from __future__ import annotations

from typing import cast

from allauth.account.internal.flows.reauthentication import resume_request
from allauth.account.utils import get_next_redirect_url
from allauth.core import ratelimit
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access import accounts
from apps.accounts import openid
from apps.accounts.openid import Purpose
from apps.accounts.provider import Adapter
from apps.common.exceptions import Invalid, NotVisible
from apps.web.guards import Visit, public, step_up


def leave(
    request: HttpRequest, provider_id: str, purpose: Purpose, *, next_url: str = "", **kept: str
) -> HttpResponse:
    """The page that sends somebody to a provider. Raises Invalid when it does not answer."""
    address = openid.begin(request, provider_id, purpose, next_url=next_url, **kept)
    context = {"address": address, "provider": openid.provider(provider_id)}
    return render(request, "openid/leave.html", context)


@public
@require_POST
def start(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sign in with a provider."""
    if request.user.is_authenticated:
        return redirect("home")
    if not ratelimit.consume(request, action="login"):
        return render(request, "errors/429.html", status=429)
    next_url = get_next_redirect_url(request) or ""
    try:
        return leave(request, provider_id, Purpose.SIGN_IN, next_url=next_url)
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("account_login")


@public
def back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where a provider sends people back to (`came_back.ProviderAdapter`)."""
    openid.provider(provider_id)
    return OAuth2CallbackView.adapter_view(Adapter(request, provider_id))(request)


@require_POST
def connect(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Let the signed-in person's identity at a provider sign them in."""
    openid.provider(provider_id)
    step_up(request)
    person = cast(Visit, request).actor.key
    try:
        return leave(request, provider_id, Purpose.CONNECT, user=str(person))
    except Invalid as error:
        messages.error(request, str(error))
        return redirect("mfa_index")


@require_POST
def end(request: HttpRequest, connection_id: int) -> HttpResponse:
    """An identity signs in no more."""
    actor = cast(Visit, request).actor
    if connection_id not in {row.pk for row in openid.connections(actor.key)}:
        raise NotVisible
    step_up(request)
    name = accounts.end_identity(by=actor, connection_id=connection_id)
    messages.success(request, f"{name} signs in as you no longer.")
    return redirect("mfa_index")


@public
def again(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Show again that it is you, at a provider; what was about to be done then goes on.

    Open to whoever has still to set up a second step, which asks for this first.
    """
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    provider = openid.provider(provider_id)
    if provider_id not in {row.provider for row in openid.connections(request.user.pk)}:
        raise NotVisible
    next_url = get_next_redirect_url(request) or "/home/"
    if request.method == "POST":
        try:
            return leave(request, provider_id, Purpose.AGAIN, next_url=next_url)
        except Invalid as error:
            messages.error(request, str(error))
    elif openid.shown_again(request):
        return resume_request(request) or redirect(next_url)
    return render(request, "openid/again.html", {"provider": provider, "next": next_url})
