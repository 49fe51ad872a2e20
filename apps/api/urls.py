"""The API's versions, its tokens, and what describes it."""

from __future__ import annotations

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView
from oauth2_provider.views import RevokeTokenView

from apps.api.docs import page
from apps.api.errors import nowhere
from apps.api.tokens import TokenView

urlpatterns = [
    path("token/", TokenView.as_view(), name="api-token"),
    path("token/revoke/", RevokeTokenView.as_view(), name="api-token-revoke"),
    path(
        "v1/schema/",
        SpectacularAPIView.as_view(authentication_classes=[], permission_classes=[]),
        name="api-schema",
    ),
    path("v1/docs/", page, name="api-docs"),
    path("v1/", include("apps.api.v1.urls")),
    path("<path:unknown>", nowhere),
]
