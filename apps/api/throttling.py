"""How often a connected system may ask: enough for a whole school, too little to drain one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.throttling import SimpleRateThrottle

from apps.access.grants import Actor

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class ClientThrottle(SimpleRateThrottle):
    """Counted for each client in the shared cache; 429 with Retry-After when it is too much."""

    scope = "client"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """The client's key; whoever has no token is refused before anything is counted."""
        if not isinstance(request.user, Actor):
            return None
        return f"throttle:{request.user.key}"
