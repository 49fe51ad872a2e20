"""Where a connected system gets its tokens: with its own credentials, and in no other way."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider import views


class TokenView(views.TokenView):
    """The token endpoint of RFC 6749 for the one grant that clients of ours have."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """A token; any other grant is refused before the library takes it up."""
        if request.POST.get("grant_type", "") != "client_credentials":
            return JsonResponse({"error": "unsupported_grant_type"}, status=400)
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response
