"""Joining with a one-time code: staff and family alike.

Nobody is signed in here who has an account: they sign in as always, second factor and all, and
then enter the code. So this page tells nobody whether an address has an account, unless they have
its code. A new account has a password, or an identity at a provider in its place.
"""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access import actions as access
from apps.accounts import openid
from apps.accounts.models import User
from apps.accounts.openid import Purpose
from apps.common.exceptions import Invalid
from apps.learners import joining
from apps.web.account import signing_in
from apps.web.account.openid import leave
from apps.web.forms import GovukForm
from apps.web.guards import public


class CodeForm(GovukForm):
    """The code alone, for whoever is signed in."""

    code = forms.CharField(
        label="Your code",
        help_text="From your setting, like K7QM-4TRB-X2HD.",
        max_length=30,
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-20", "autocomplete": "one-time-code"}
        ),
        error_messages={"required": "Enter the code that your setting gave you."},
    )


class JoinForm(CodeForm):
    """The code, the address it was given for, and a password for a new account."""

    email = forms.EmailField(
        label="Your e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": "Enter your e-mail address."},
    )
    password = forms.CharField(
        label="Choose a password",
        help_text="At least 12 characters. If you have an account already, sign in first.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Enter a password."},
    )

    def clean_password(self) -> str:
        """Long enough, and none that everybody uses."""
        password = str(self.cleaned_data["password"])
        if not self.fields["password"].required:
            return ""
        try:
            password_validation.validate_password(password)
        except ValidationError as error:
            raise forms.ValidationError(error.messages) from None
        return password


@public
def join(request: HttpRequest) -> HttpResponse:
    """Use a code up: the role or the child is there, and a new account if there was none."""
    if not ratelimit.consume(request, action="join"):
        return render(request, "errors/429.html", status=429)
    person = request.user if request.user.is_authenticated else None
    wanted = "" if person else request.POST.get("provider", "")
    form = _form(request, person, wanted)
    if request.method == "POST" and form.is_valid():
        try:
            if wanted:
                return _left_to_join(request, wanted, form.cleaned_data)
            return _joined(request, person, form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
    context = {"form": form, "person": person, "providers": [] if person else openid.configured()}
    return render(request, "family/join.html", context)


def _form(request: HttpRequest, person: User | None, provider_id: str) -> GovukForm:
    """The code alone for whoever is signed in; no password for whoever goes on with a provider."""
    if person:
        return CodeForm(request.POST or None)
    form = JoinForm(request.POST or None, initial=request.session.pop("joining", None))
    form.fields["password"].required = not provider_id
    return form


def _left_to_join(request: HttpRequest, provider_id: str, sent: dict[str, Any]) -> HttpResponse:
    """To a provider, in place of a new password; the code and address are kept for coming back."""
    invitation = access.find_invitation(code=sent["code"], email=sent["email"])
    request.session["joining"] = {"code": sent["code"], "email": sent["email"]}
    return leave(request, provider_id, Purpose.JOIN, invitation=str(invitation.pk))


def _joined(request: HttpRequest, person: User | None, sent: dict[str, Any]) -> HttpResponse:
    email = person.email if person else sent["email"]
    invitation = access.find_invitation(code=sent["code"], email=email)
    if person is None and User.objects.filter(email=invitation.email).exists():
        # Only whoever has the code and the address learns that there is an account.
        return redirect("/sign-in/?next=/join/")
    if person is None:
        with transaction.atomic():  # no account is left behind where the role cannot be given
            person = User.objects.create_user(invitation.email, invitation.name, sent["password"])
            joining.accept(invitation=invitation, user=person)
        return signing_in.sign_in(request, person, how="password")
    joining.accept(invitation=invitation, user=person)
    return redirect("home")
