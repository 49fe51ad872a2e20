"""Joining with a one-time code: staff and family alike.

Nobody is signed in here who has an account: they sign in as always, second factor and all, and
then enter the code. So this page tells nobody whether an address has an account, unless they have
its code.
"""

from __future__ import annotations

from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib.auth import login, password_validation
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access import actions as access
from apps.accounts.models import User
from apps.common.exceptions import Invalid
from apps.learners import joining
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
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
        error_messages={"required": "Enter a password."},
    )

    def clean_password(self) -> str:
        """Long enough, and none that everybody uses."""
        password = str(self.cleaned_data["password"])
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
    form: GovukForm = (CodeForm if person else JoinForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return _joined(request, person, form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
    return render(request, "family/join.html", {"form": form, "person": person})


def _joined(request: HttpRequest, person: User | None, sent: dict[str, Any]) -> HttpResponse:
    email = person.email if person else sent["email"]
    invitation = access.find_invitation(code=sent["code"], email=email)
    if person is None and User.objects.filter(email=invitation.email).exists():
        # Only whoever has the code and the address learns that there is an account.
        return redirect("/sign-in/?next=/join/")
    if person is None:
        person = User.objects.create_user(invitation.email, invitation.name, sent["password"])
        joining.accept(invitation=invitation, user=person)
        login(request, person, backend="allauth.account.auth_backends.AuthenticationBackend")
    else:
        joining.accept(invitation=invitation, user=person)
    return redirect("home")
