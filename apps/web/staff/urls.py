"""A teacher's pages."""

from __future__ import annotations

from django.urls import path

from apps.web.staff import views

urlpatterns = [
    path("classes/", views.classes, name="my-classes"),
    path("referred/", views.referred, name="referred"),
    path("classes/<uuid:learner_id>/", views.profile, name="profile"),
]
