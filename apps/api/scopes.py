"""Which scopes a client may ask for: those that it was granted, and no others."""

from __future__ import annotations

from typing import Any

from oauth2_provider.scopes import SettingsScopes

from apps.access.models import ApiClient


class ClientScopes(SettingsScopes):
    """The scopes of `access.ApiClient`; asked for none, a token has them all."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """What this client may ask for; nothing for an application that is no client of ours."""
        client = ApiClient.objects.filter(application=application).first()
        return client.scopes if client else []

    get_default_scopes = get_available_scopes
