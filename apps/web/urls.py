"""Pages by audience."""

from __future__ import annotations

from django.urls import include, path

from apps.web import home, unsent

urlpatterns = [
    path("", include("apps.accounts.urls")),
    path("", include("apps.web.account.urls")),
    path("", include("apps.web.public.urls")),
    path("home/", home.home, name="home"),
    path("unsent/", unsent.unsent_form, name="unsent-form"),
    path("organisation/", home.choose_organisation, name="choose-organisation"),
    path("messages/", home.put_away, name="put-away"),
    path("", include("apps.web.senco.urls")),
    path("", include("apps.web.staff.urls")),
    path("", include("apps.web.family.urls")),
    path("", include("apps.web.partnership.urls")),
    path("", include("apps.web.institute.urls")),
    path("", include("apps.web.admin.urls")),
]
