"""How the schema says who may do what."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.settings import oauth2_settings

from apps.access.roles import SCOPES
from apps.api.authentication import ClientAuthentication


def scope_texts() -> dict[str, str]:
    """Each scope and what it allows, in words."""
    return {scope: oauth2_settings.SCOPES[scope] for scope in SCOPES}


class ClientScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Client credentials, with the scope that each operation needs."""

    target_class = ClientAuthentication
    name = "OAuth2"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Where a token comes from, and every scope."""
        flow = {"tokenUrl": "/api/token/", "scopes": scope_texts()}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        """The scope of this operation."""
        return {self.name: [auto_schema.view.scopes[auto_schema.method]]}
