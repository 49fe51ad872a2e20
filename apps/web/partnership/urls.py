"""A Local Inclusion Partnership's pages."""

from __future__ import annotations

from django.urls import path

from apps.web.partnership import views

urlpatterns = [
    path("area/", views.area, name="area"),
    path("area/moves/", views.moves, name="area-moves"),
    path("area/settings/<uuid:setting_id>/", views.register, name="area-register"),
]
