"""Accounts: closing one and opening it again; a second step that somebody lost."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access import accounts, policy, selectors
from apps.access.permissions import Permission
from apps.accounts.models import User
from apps.common.exceptions import Invalid, NotVisible
from apps.web.forms import GovukForm
from apps.web.guards import Visit, step_up

SHOWN = 50


class FindForm(GovukForm):
    """Whose account."""

    words = forms.CharField(
        label="E-mail address, or part of the name",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20"}),
        error_messages={"required": "Enter an e-mail address or part of a name."},
    )


class CloseForm(GovukForm):
    """Why an account is closed."""

    why = forms.CharField(
        label="Why do you close this account?",
        help_text="For the log. For example: has left, or somebody else may know the password.",
        max_length=300,
    )


class SecondStepForm(GovukForm):
    """How whoever resets it knows that it is them."""

    checked = forms.CharField(
        label="How did you check that it is them?",
        help_text="For example: in person, known to me; or by a call to the number that we keep.",
        max_length=300,
    )


def page(request: HttpRequest) -> HttpResponse:
    """Find an account; what is looked for is in no address."""
    policy.check_is_administrator(cast(Visit, request).actor)
    form = FindForm(request.POST or None)
    asked = request.method == "POST" and form.is_valid()
    found = selectors.find_accounts(form.cleaned_data["words"].strip(), most=SHOWN) if asked else []
    context = {"form": form, "asked": asked, "found": found, "shown": SHOWN}
    return render(request, "admin/accounts.html", context)


def one(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """One account: its roles, whether it is open, and what can be done."""
    policy.check_is_administrator(cast(Visit, request).actor)
    return _shown(request, _account(user_id), CloseForm())


@require_POST
def close(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Close an account: it and its sessions end at once."""
    actor = cast(Visit, request).actor
    policy.check_can_close_account(actor, user_id)
    user = _account(user_id)
    step_up(request)
    form = CloseForm(request.POST)
    if form.is_valid():
        try:
            accounts.disable(by=actor, user=user, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"The account of {user} is closed. They are signed out.")
            return redirect("account", user_id)
    return _shown(request, user, form)


@require_POST
def open_again(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Open a closed account again."""
    actor = cast(Visit, request).actor
    policy.check_can_close_account(actor, user_id)
    user = _account(user_id)
    step_up(request)
    accounts.enable(by=actor, user=user)
    messages.success(request, f"The account of {user} is open again.")
    return redirect("account", user_id)


def second_step(request: HttpRequest, user_id: UUID) -> HttpResponse:
    """Reset a second step that somebody lost, for whoever looks after people there."""
    actor = cast(Visit, request).actor
    policy.check_can_reset_second_step(actor, user_id)
    user = _account(user_id)
    if request.method == "POST":
        step_up(request)
    form = SecondStepForm(request.POST or None)
    back = "account" if actor.may(Permission.MANAGE_SERVICE) else "people"
    if request.method == "POST" and form.is_valid():
        try:
            accounts.reset_second_step(by=actor, user=user, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"{user} sets up a new second step at their next sign-in.")
            return redirect(back, *([user_id] if back == "account" else []))
    context = {"form": form, "account": user}
    return render(request, "admin/second_step.html", context)


def _account(user_id: UUID) -> User:
    found = selectors.account(user_id)
    if found is None:
        raise NotVisible
    return found


def _shown(request: HttpRequest, user: User, form: CloseForm) -> HttpResponse:
    own = cast(Visit, request).actor.key == user.pk
    context = {"account": user, "form": form, "own": own}
    return render(request, "admin/account.html", context)
