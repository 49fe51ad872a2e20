"""The National Institute's pages."""

from __future__ import annotations

from django.urls import path

from apps.web.institute import views

urlpatterns = [path("institute/", views.page, name="institute")]
