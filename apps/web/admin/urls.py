"""Organisations, people and roles."""

from __future__ import annotations

from django.urls import path

from apps.web.admin import (
    accounts,
    emergency,
    imports,
    openings,
    organisations,
    people,
    systems,
)

urlpatterns = [
    path("people/", people.page, name="people"),
    path("people/invitations/<uuid:invitation_id>/", people.cancel, name="cancel-invitation"),
    path("people/<uuid:membership_id>/end/", people.end, name="end-role"),
    path("people/openings/", openings.page, name="openings"),
    path("people/openings/<uuid:opening_id>/end/", openings.end, name="end-opening"),
    path("organisations/", organisations.page, name="organisations"),
    path("organisations/service/", organisations.service, name="service-people"),
    path("organisations/areas/<uuid:local_area_id>/", organisations.area, name="area-people"),
    path("organisations/groups/<uuid:setting_group_id>/", organisations.group, name="group-people"),
    path("organisations/<uuid:setting_id>/", organisations.one, name="organisation"),
    path("organisations/<uuid:setting_id>/succeed/", organisations.succeed, name="succeed-setting"),
    path("accounts/", accounts.page, name="accounts"),
    path("accounts/<uuid:user_id>/", accounts.one, name="account"),
    path("accounts/<uuid:user_id>/close/", accounts.close, name="close-account"),
    path("accounts/<uuid:user_id>/open/", accounts.open_again, name="open-account"),
    path("people/<uuid:user_id>/second-step/", accounts.second_step, name="reset-second-step"),
    path("systems/", systems.page, name="systems"),
    path("systems/connect/", systems.connect, name="connect-system"),
    path("systems/<uuid:client_id>/", systems.one, name="system"),
    path("systems/<uuid:client_id>/secret/", systems.renew, name="renew-secret"),
    path("systems/<uuid:client_id>/end/", systems.end, name="end-system"),
    path("emergency/", emergency.page, name="emergency"),
    path("imports/", imports.page, name="imports"),
    path("imports/pupil-list.csv", imports.template, name="import-template"),
    path("imports/<uuid:import_id>/", imports.one, name="import"),
    path("imports/<uuid:import_id>/commit/", imports.commit, name="import-commit"),
]
