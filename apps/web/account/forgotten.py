"""Asking for a new password: the same answer, after the same work, for every address."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import ResetPasswordForm
from django.http import HttpRequest

from apps.post import actions


class ForgottenForm(ResetPasswordForm):
    """Looks nobody up: the worker does, and sends the link (`apps.post`)."""

    def clean_email(self) -> str:
        """The address as it was typed."""
        return str(self.cleaned_data["email"]).lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Queue the link."""
        email = str(self.cleaned_data["email"])
        actions.ask_for_new_password(address=email)
        return email
