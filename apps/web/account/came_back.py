"""Somebody came back from an OpenID provider: who they are is known, and why they went.

A provider proves who somebody is. It makes no account, gives no role, and is never believed about
an e-mail address: without a connection made here it opens nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base.constants import AuthError
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode

from apps.access import accounts, grants
from apps.access import actions as access
from apps.access.grants import Actor
from apps.accounts import openid
from apps.accounts.models import User
from apps.accounts.openid import Purpose
from apps.audit import record as audit
from apps.common.exceptions import Invalid
from apps.learners import joining
from apps.web.account import signing_in

log = logging.getLogger("learner_record.openid")

_LONGEST_REASON = 120  # a provider's own words follow in it: enough to know, too few for a token
_NOT_YOURS = "{name} signed in somebody else than the person who is signed in here."
_NOT_ANEW = (
    "{name} did not say that you signed in again just now. Try once more, or use another way."
)
_CANCELLED = "You stopped before {name} had signed you in."
_NOT_PROVEN = "{name} could not show who you are. Try again, or use another way."


class ProviderAdapter(DefaultSocialAccountAdapter):
    """What the library asks of us during sign-in through a provider."""

    def list_apps(self, *args: Any, **kwargs: Any) -> list[SocialApp]:
        """The providers of the settings; a row in a table makes none."""
        return [app for app in super().list_apps(*args, **kwargs) if app.pk is None]

    def get_requests_session(self) -> Any:
        """What a provider is asked with: five seconds, and no going on to wherever it points."""
        session = super().get_requests_session()
        session.max_redirects = 0
        return session

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Nobody gets an account by having one elsewhere."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Do what they went for; whatever is not a sign-in ends here."""
        kept = sociallogin.state["data"]
        sociallogin.token = None  # used, and kept nowhere
        name = openid.provider(sociallogin.account.provider).name
        if not openid.came_back_as_asked(sociallogin.claims, kept):
            raise ImmediateHttpResponse(_back(request, kept, _NOT_PROVEN.format(name=name)))
        try:
            answer = _AFTER[Purpose(kept["purpose"])](request, sociallogin, kept)
        except Invalid as error:
            answer = _back(request, kept, str(error))
        if answer:
            raise ImmediateHttpResponse(answer)

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: Any = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """They did not get through: the page they left says so, with every other way on it."""
        state = (extra_context or {}).get("state") or {}
        sentence = _CANCELLED if error == AuthError.CANCELLED else _NOT_PROVEN
        why = str(exception or error)[:_LONGEST_REASON]
        log.warning("%s: %s", provider.sub_id, why)
        audit.event(
            by=getattr(request, "actor", grants.NOBODY),
            action="sign-in not done",
            subject_kind="provider",
            subject_id=None,
            detail={"provider": provider.sub_id, "why": str(error)},
        )
        kept = state.get("data") or {"purpose": Purpose.SIGN_IN}
        raise ImmediateHttpResponse(_back(request, kept, sentence.format(name=provider.name)))


def _back(request: HttpRequest, kept: dict[str, str], sentence: str) -> HttpResponse:
    """The page from which they left, with a sentence."""
    messages.error(request, sentence)
    page = {
        Purpose.SIGN_IN: "account_login",
        Purpose.JOIN: "join",
        Purpose.CONNECT: "mfa_index",
        Purpose.AGAIN: "account_reauthenticate",
    }[Purpose(kept["purpose"])]
    answer = redirect(page)
    if kept.get("next"):
        answer["Location"] += "?" + urlencode({"next": kept["next"]})
    return answer


def _signs_in(
    request: HttpRequest, login: SocialLogin, kept: dict[str, str]
) -> HttpResponse | None:
    """The library goes on, for whoever is connected; anybody else gets a page that helps."""
    provider = openid.provider(login.account.provider)
    if not login.is_existing:
        audit.event(
            by=grants.NOBODY,
            action="sign-in not done",
            subject_kind="provider",
            subject_id=None,
            detail={"provider": provider.id, "why": "not connected"},
        )
        return render(request, "openid/not_connected.html", {"provider": provider}, status=403)
    signing_in.note(request, login, provider)
    return None


def _connects(request: HttpRequest, login: SocialLogin, kept: dict[str, str]) -> HttpResponse:
    """The signed-in person who left is the one who came back."""
    actor: Actor = request.actor  # type: ignore[attr-defined]
    name = openid.provider(login.account.provider).name
    if str(actor.person_id) != kept["user"]:
        raise Invalid(_NOT_YOURS.format(name=name))
    user = User.objects.get(pk=actor.key)
    accounts.connect_identity(by=actor, user=user, account=login.account)
    messages.success(request, f"You can sign in with {name} from now on.")
    return redirect("mfa_index")


def _joins(request: HttpRequest, login: SocialLogin, kept: dict[str, str]) -> HttpResponse:
    """An invitation is taken up by whoever had its code; a new account without a password."""
    provider = openid.provider(login.account.provider)
    invitation = access.invitation_in_hand(UUID(kept["invitation"]))
    person = joining.join_with_identity(invitation=invitation, account=login.account)
    request.session.pop("joining", None)
    signing_in.note(request, login, provider, person)
    return signing_in.sign_in(request, person, how="socialaccount")


def _shows_again(request: HttpRequest, login: SocialLogin, kept: dict[str, str]) -> HttpResponse:
    """The person who is signed in has shown again that it is them."""
    name = openid.provider(login.account.provider).name
    if not login.is_existing or login.user.pk != request.user.pk:
        raise Invalid(_NOT_YOURS.format(name=name))
    if not openid.signed_in_anew(login.claims, kept):
        raise Invalid(_NOT_ANEW.format(name=name))
    openid.note_shown_again(request, login.account)
    answer = redirect("again-with", login.account.provider)
    answer["Location"] += "?" + urlencode({"next": kept["next"]})
    return answer


_AFTER: dict[Purpose, Callable[..., HttpResponse | None]] = {
    Purpose.SIGN_IN: _signs_in,
    Purpose.CONNECT: _connects,
    Purpose.JOIN: _joins,
    Purpose.AGAIN: _shows_again,
}
