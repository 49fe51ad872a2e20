"""Organisations, people and roles."""

from __future__ import annotations

from django.urls import path

from apps.web.admin import emergency, imports, organisations, people

urlpatterns = [
    path("people/", people.page, name="people"),
    path("people/invitations/<uuid:invitation_id>/", people.cancel, name="cancel-invitation"),
    path("people/<uuid:membership_id>/end/", people.end, name="end-role"),
    path("organisations/", organisations.page, name="organisations"),
    path("organisations/<uuid:setting_id>/", organisations.one, name="organisation"),
    path("organisations/<uuid:setting_id>/succeed/", organisations.succeed, name="succeed-setting"),
    path("emergency/", emergency.page, name="emergency"),
    path("imports/", imports.page, name="imports"),
    path("imports/pupil-list.csv", imports.template, name="import-template"),
    path("imports/<uuid:import_id>/", imports.one, name="import"),
    path("imports/<uuid:import_id>/commit/", imports.commit, name="import-commit"),
]
