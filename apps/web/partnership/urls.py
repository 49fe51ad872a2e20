"""A Local Inclusion Partnership's pages."""

from __future__ import annotations

from django.urls import path

from apps.web.partnership import figures, looked_after, views

urlpatterns = [
    path("area/", views.area, name="area"),
    path("area/moves/", views.moves, name="area-moves"),
    path("figures/", figures.page, name="figures"),
    path("opened/<uuid:setting_id>/", figures.opened_register, name="opened-register"),
    path("looked-after/", looked_after.page, name="looked-after"),
    path("area/residents/", views.residents, name="area-residents"),
    path("area/duplicates/", views.duplicates, name="area-duplicates"),
    path("area/settings/<uuid:setting_id>/", views.register, name="area-register"),
]
