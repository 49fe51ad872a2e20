"""Sessions end: after an hour without a page, and in any case after a working day."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib import auth, messages
from django.http import HttpRequest, HttpResponse

from apps.accounts import devices

# A page writes the session no more often than this, so that reading pages costs no writes.
_NOTED_EVERY = 300
_ENDED = "You were signed out because nothing happened for a while. Sign in to go on."


class SessionLimitsMiddleware:
    """Ends a session that is too old or was idle too long, before anything is shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on, as nobody's when the session has ended."""
        if request.user.is_authenticated:
            now = time.time()
            began = request.session.setdefault("began", now)
            seen = request.session.setdefault("seen", now)
            too_old = now - began > settings.SESSION_COOKIE_AGE
            if too_old or now - seen > settings.SESSION_IDLE_SECONDS:
                auth.logout(request)
                messages.info(request, _ENDED)
            elif now - seen > _NOTED_EVERY:
                request.session["seen"] = now
        response = self.get_response(request)
        devices.remember(request, response)
        return response
