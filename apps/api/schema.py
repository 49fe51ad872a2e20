"""How the schema says who may do what."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.settings import oauth2_settings

from apps.access.roles import SCOPES
from apps.api.authentication import ClientAuthentication
from apps.api.errors import MEDIA_TYPE


def scope_texts() -> dict[str, str]:
    """Each scope and what it allows, in words."""
    return {scope: oauth2_settings.SCOPES[scope] for scope in SCOPES}


PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "errors": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "required": ["type", "title", "status", "code", "detail"],
}
_READING = (400, 401, 403, 404, 406, 429)
_WRITING = (*_READING, 409, 415)
_VERSIONED = (*_WRITING, 412, 428)


def with_problems(result: dict[str, Any], **generator: Any) -> dict[str, Any]:
    """The schema with what each operation answers when it refuses."""
    result["components"]["schemas"]["Problem"] = PROBLEM
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for methods in result["paths"].values():
        for method, operation in methods.items():
            names = {parameter["name"] for parameter in operation.get("parameters", [])}
            writes = _VERSIONED if "If-Match" in names else _WRITING
            for status in _READING if method == "get" else writes:
                described = {"description": HTTPStatus(status).phrase, "content": content}
                operation["responses"].setdefault(str(status), described)
    return result


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
