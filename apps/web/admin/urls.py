"""Organisations, people and roles."""

from __future__ import annotations

from django.urls import path

from apps.web.admin import organisations, people

urlpatterns = [
    path("people/", people.page, name="people"),
    path("people/<uuid:membership_id>/end/", people.end, name="end-role"),
    path("organisations/", organisations.page, name="organisations"),
    path("organisations/<uuid:setting_id>/", organisations.one, name="organisation"),
]
