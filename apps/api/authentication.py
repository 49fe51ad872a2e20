"""Who may use the API: a system with a token, for what its scopes say. Deny by default."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.access import grants, rls
from apps.access.permissions import Permission
from apps.reviews.policy import PURPOSES

if TYPE_CHECKING:
    from rest_framework.views import APIView


class ClientAuthentication(OAuth2Authentication):
    """A bearer token becomes the request's actor, and the database is told."""

    def authenticate(self, request: Request) -> tuple[grants.Actor, Any] | None:
        """The actor and the token; None without a valid token of a client of ours."""
        found = super().authenticate(request)
        if found is None:
            return None
        token = found[1]
        actor = grants.client(
            token.application_id, token.scope.split(), clock_may_shift=settings.CLOCK_MAY_SHIFT
        )
        if actor is grants.NOBODY:
            return None
        # A local area says why it opens a record; nobody else writes into the log what it was for.
        purpose = request.headers.get("Purpose", "")
        if purpose in PURPOSES and actor.organisations(Permission.OVERSEE_AREA):
            actor = actor.for_purpose(purpose)
        rls.set_context(actor)
        request._request.actor = actor  # type: ignore[attr-defined]
        return actor, token


class ScopePermission(BasePermission):
    """Every view names the scope that each of its methods needs; one that names none is shut."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Whether the token has the scope."""
        actor = request.user
        if not isinstance(actor, grants.Actor):
            return False
        needed = getattr(view, "scopes", {}).get(request.method)
        self.message = f"This needs the scope {needed}." if needed else "Nobody may do that."
        return needed in actor.scopes
