"""Where every page and API resource is."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [
    path("", include("apps.web.urls")),
    path("api/", include("apps.api.urls")),
]
