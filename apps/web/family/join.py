"""Joining with a one-time code: staff and family alike."""

from __future__ import annotations

from allauth.core import ratelimit
from django import forms
from django.contrib.auth import login, password_validation
from django.contrib.auth.hashers import check_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.accounts.models import User
from apps.common.exceptions import Invalid
from apps.learners.joining import accept
from apps.web.forms import GovukForm
from apps.web.guards import public


class JoinForm(GovukForm):
    """The code, the address it was given for, and a password."""

    code = forms.CharField(
        label="Your code",
        help_text="From your setting, like K7QM-4TRB-X2HD.",
        max_length=30,
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-20", "autocomplete": "one-time-code"}
        ),
        error_messages={"required": "Enter the code that your setting gave you."},
    )
    email = forms.EmailField(
        label="Your e-mail address",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": "Enter your e-mail address."},
    )
    password = forms.CharField(
        label="A password",
        help_text="At least 12 characters. If you have an account already, its password.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
        error_messages={"required": "Enter a password."},
    )

    def clean(self) -> dict[str, object]:
        """A known address signs in with its own password; a new one needs a good password."""
        data = super().clean() or {}
        email, password = str(data.get("email", "")).lower(), str(data.get("password", ""))
        if not email or not password:
            return data
        known = User.objects.filter(email=email).first()
        if known and not check_password(password, known.password):
            self.add_error("password", "That is not the password of your account.")
        elif not known:
            try:
                password_validation.validate_password(password)
            except ValidationError as error:
                self.add_error("password", error)
        return data


@public
def join(request: HttpRequest) -> HttpResponse:
    """Use a code up: the account is made, the role or the child is there, the person signed in."""
    if not ratelimit.consume(request, action="join"):
        return render(request, "errors/429.html", status=429)
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = accept(**form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            backend = "allauth.account.auth_backends.AuthenticationBackend"
            login(request, user, backend=backend)
            return redirect("home")
    return render(request, "family/join.html", {"form": form})
