"""Completing a sign-in the one way there is: second step, new-device notice, log."""

from __future__ import annotations

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import perform_login
from allauth.socialaccount.models import SocialLogin
from django.contrib import messages
from django.http import HttpRequest, HttpResponse

from apps.access import grants, selectors
from apps.accounts import openid
from apps.accounts.models import User

_SAID = "openid_organisation"


def note(
    request: HttpRequest, login: SocialLogin, provider: openid.Provider, person: User | None = None
) -> None:
    """What the provider said at this sign-in, kept until it is complete."""
    if provider.showed_second_factor(login.claims):
        openid.note_second_factor(request, person or login.user, provider.id)
    if provider.says_organisation and (said := openid.organisation_said(login.claims)):
        request.session[_SAID] = {**said, "provider": provider.name}


def sign_in(request: HttpRequest, person: User, *, how: str) -> HttpResponse:
    """Sign somebody in who has just joined with a password, or an account elsewhere."""
    record_authentication(request, person, how)
    return perform_login(request, person, redirect_url="/home/")


def work_for_the_named(request: HttpRequest, user: User) -> None:
    """Work for the organisation that the provider named, if the person has a role there today.

    It chooses among their roles and gives none; where they have none, a sentence says so.
    """
    said = request.session.pop(_SAID, None)
    if not said:
        return
    named = selectors.organisations_named(said)
    places = grants.person(user.pk, user.name, clock_may_shift=False).places
    here = next((p for p in places if p.organisation_id in named), None)
    if here:
        request.session["organisation"] = str(here.organisation_id)
    elif places:
        where = said.get("name", "an organisation")
        messages.info(
            request,
            f"{said['provider']} says that you come from {where}. You have no role there here, so "
            "you are working for where you do.",
        )
