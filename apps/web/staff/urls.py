"""A teacher's pages."""

from __future__ import annotations

from django.urls import path

from apps.web import papers
from apps.web.staff import checks, noticing, rounds, views

urlpatterns = [
    path("classes/", views.classes, name="my-classes"),
    path("classes/profiles.pdf", papers.of_class, name="class-papers"),
    path("classes/cover.pdf", papers.cover_sheet, name="cover-paper"),
    path("classes/notice/", noticing.who, name="notice-who"),
    path("classes/noticed/", noticing.noticed, name="noticed"),
    path("classes/<uuid:learner_id>/notice/", noticing.notice, name="notice"),
    path("referred/", views.referred, name="referred"),
    path("classes/round/", rounds.page, name="class-round"),
    path("classes/support/", checks.page, name="support-checks"),
    path("classes/support/<uuid:support_id>/", checks.one, name="support-check"),
    path("classes/<uuid:learner_id>/", views.profile, name="profile"),
]
