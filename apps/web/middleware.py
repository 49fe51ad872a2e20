"""Headers that every page carries."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseNotAllowed

# The same words for people and machines: no link and no form of ours leads to such an address.
_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
_NOT_OURS = json.dumps(
    {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "code": "invalid",
        "detail": "This address is not one of ours.",
    }
)


class PageHeadersMiddleware:
    """Signed-in pages are never kept by a browser or cache; powerful features are off."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers to the response; an address that no database could look up is refused."""
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest(_NOT_OURS, "application/problem+json")
        if request.method not in _METHODS:
            return HttpResponseNotAllowed(_METHODS)
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        person = getattr(request, "user", None)
        if request.path.startswith("/api/") or (person is not None and person.is_authenticated):
            response["Cache-Control"] = "no-store"
        return response
