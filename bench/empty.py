"""The empty page: a bare Django view with no middleware, no session, no database."""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    ROOT_URLCONF="bench.empty", ALLOWED_HOSTS=["localhost"], SECRET_KEY="-", MIDDLEWARE=[]
)
django.setup()


def empty(request: HttpRequest) -> HttpResponse:
    """Nothing but a word."""
    return HttpResponse("empty")


urlpatterns: list[Any] = [path("", empty)]
application = WSGIHandler()
