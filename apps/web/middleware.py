"""Headers that every page carries."""

from __future__ import annotations

import json
from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]


def _problem(status: HTTPStatus, code: str, detail: str) -> HttpResponse:
    """The same words for people and machines: no link and no form of ours leads there."""
    body = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    return HttpResponse(json.dumps(body), "application/problem+json", status=status)


class PageHeadersMiddleware:
    """Only open pages may be kept by a browser or cache; powerful features are off."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Add the headers to the response; an address that no database could look up is refused."""
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return _problem(HTTPStatus.BAD_REQUEST, "invalid", "This address is not one of ours.")
        if request.method not in _METHODS:
            return HttpResponseNotAllowed(_METHODS)
        api = request.path.startswith("/api/")
        if api and settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return _problem(
                HTTPStatus.FORBIDDEN,
                "not-secure",
                "Use https://. If you sent a token or a secret, end it: it was sent in the clear.",
            )
        response = self.get_response(request)
        response.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        person = getattr(request, "user", None)
        open_page = request.method in {"GET", "HEAD"} and response.status_code == HTTPStatus.OK
        if api or not open_page or (person is not None and person.is_authenticated):
            response["Cache-Control"] = "no-store"
        return response
