"""Pages that anyone can read."""

from __future__ import annotations

from django.urls import path

from apps.web.public import views

urlpatterns = [
    path("", views.start, name="start"),
    path("about/", views.about, name="about"),
    path("privacy/", views.privacy, name="privacy"),
    path("accessibility/", views.accessibility, name="accessibility"),
    path("framework/", views.framework, name="framework"),
    path("framework/<str:number>/", views.framework, name="framework-version"),
    path("framework/<str:number>/<slug:area>/<slug:level>/", views.box, name="box"),
    path("toolkit/", views.toolkit, name="toolkit"),
    path("toolkit/<slug:code>/", views.guide, name="guide"),
]
