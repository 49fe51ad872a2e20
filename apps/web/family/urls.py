"""A family's and a young person's pages, and joining with a code."""

from __future__ import annotations

from django.urls import path

from apps.web.family import deciding, join, linked, meetings, noticing, told, views

urlpatterns = [
    path("join/", join.join, name="join"),
    path("say/<str:token>/", linked.answer, name="answer-by-link"),
    path("family/", views.children, name="family"),
    path("family/messages/", told.page, name="family-messages"),
    path("family/<uuid:learner_id>/", views.child, name="my-child"),
    path("family/<uuid:learner_id>/say/", views.say, name="say"),
    path("family/<uuid:learner_id>/notice/", noticing.notice, name="notice-child"),
    path("family/<uuid:learner_id>/looked/", views.looked, name="family-looked"),
    path("family/<uuid:learner_id>/who-reads/", deciding.page, name="who-reads"),
    path("family/contributions/<uuid:contribution_id>/", views.show_mine, name="answer-first"),
    path("family/meetings/<uuid:meeting_id>/", meetings.one, name="family-meeting"),
    path("family/reviews/<uuid:review_id>/", views.acknowledge, name="acknowledge"),
]
