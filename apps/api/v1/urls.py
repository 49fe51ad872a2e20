"""Where each resource is."""

from __future__ import annotations

from django.urls import path

from apps.api.v1 import framework, learners, records, reviews, settings, transitions

MOVE = "transitions/<uuid:transition_id>/"
REVIEW = "reviews/<uuid:review_id>/"

urlpatterns = [
    path("settings/", settings.Settings.as_view(), name="api-settings"),
    path("settings/<uuid:setting_id>/", settings.OneSetting.as_view(), name="api-setting"),
    path("framework/", framework.Versions.as_view(), name="api-framework-versions"),
    path("framework/<str:number>/", framework.OneVersion.as_view(), name="api-framework"),
    path("practice-guides/", framework.Guides.as_view(), name="api-practice-guides"),
    path("learners/", learners.Enrolments.as_view(), name="api-learners"),
    path("learners/find/", learners.FindLearner.as_view(), name="api-find-learner"),
    path("learners/<uuid:learner_id>/", learners.OneLearner.as_view(), name="api-learner"),
    path("register/", records.Register.as_view(), name="api-register"),
    path("records/<uuid:learner_id>/", records.Record.as_view(), name="api-record"),
    path(
        "records/<uuid:learner_id>/reviews/<int:number>/",
        records.SignedRecord.as_view(),
        name="api-signed-record",
    ),
    path("reviews/", reviews.Reviews.as_view(), name="api-reviews"),
    path(REVIEW, reviews.OneReview.as_view(), name="api-review"),
    path(REVIEW + "changes/", reviews.Changes.as_view(), name="api-changes"),
    path(REVIEW + "changes/<uuid:change_id>/", reviews.OneChange.as_view(), name="api-change"),
    path(REVIEW + "progress/", reviews.ReviewProgress.as_view(), name="api-progress"),
    path(REVIEW + "sign-off/", reviews.SignOff.as_view(), name="api-sign-off"),
    path("transitions/", transitions.Transitions.as_view(), name="api-transitions"),
    path(MOVE, transitions.OneTransition.as_view(), name="api-transition"),
    path(MOVE + "packages/", transitions.Packages.as_view(), name="api-packages"),
    path(MOVE + "name-destination/", transitions.NameDestination.as_view(), name="api-name"),
    path(MOVE + "share/", transitions.Share.as_view(), name="api-share"),
    path(MOVE + "redirect/", transitions.Redirect.as_view(), name="api-redirect"),
    path(MOVE + "withdraw/", transitions.Withdraw.as_view(), name="api-withdraw"),
    path(MOVE + "receive/", transitions.Receive.as_view(), name="api-receive"),
    path(MOVE + "settling-in/", transitions.PlanSettlingIn.as_view(), name="api-settling-in"),
    path(MOVE + "accept/", transitions.Accept.as_view(), name="api-accept"),
]
