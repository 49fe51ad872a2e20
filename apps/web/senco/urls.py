"""A SENCO's pages."""

from __future__ import annotations

from django.urls import path

from apps.web.senco import (
    copies,
    deciding,
    decisions,
    family,
    held,
    looked_after,
    moves,
    places,
    readings,
    record,
    redactions,
    register,
    review,
    reviews,
    specialists,
    whereabouts,
)

urlpatterns = [
    path("register/", register.page, name="register"),
    path("register/add/", register.add, name="add-to-register"),
    path("learners/<uuid:learner_id>/entry/", register.entry, name="entry"),
    path("learners/<uuid:learner_id>/", record.page, name="record"),
    path("learners/<uuid:learner_id>/looked/", readings.looked, name="who-has-looked"),
    path(
        "learners/<uuid:learner_id>/looked/<uuid:reader_id>/withhold/",
        readings.withhold,
        name="withhold-reader",
    ),
    path(
        "learners/<uuid:learner_id>/looked/<uuid:reader_id>/show/",
        readings.show_again,
        name="show-reader",
    ),
    path("records-held-before/", held.page, name="held-before"),
    path("records-held-before/<uuid:learner_id>/", held.one, name="held-record"),
    path("readings/", readings.page, name="readings"),
    path("learners/<uuid:learner_id>/reviews/<int:number>/", record.past, name="past-review"),
    path("learners/<uuid:learner_id>/copies/", copies.page, name="copies"),
    path("copies/<uuid:export_id>/", copies.take, name="take-copy"),
    path("learners/<uuid:learner_id>/redact/", redactions.redact, name="redact"),
    path("decisions/", decisions.page, name="decisions"),
    path("decisions/<uuid:decision_id>/", decisions.one, name="decision"),
    path("learners/<uuid:learner_id>/interim/", reviews.interim, name="interim"),
    path("learners/<uuid:learner_id>/family/", family.page, name="family-of"),
    path(
        "learners/<uuid:learner_id>/family/<uuid:member_id>/", family.access, name="family-access"
    ),
    path(
        "learners/<uuid:learner_id>/family/<uuid:member_id>/order/",
        family.order,
        name="family-order",
    ),
    path("learners/<uuid:learner_id>/who-decides/", deciding.page, name="who-decides"),
    path("learners/<uuid:learner_id>/whereabouts/", whereabouts.page, name="whereabouts"),
    path("learners/<uuid:learner_id>/looked-after/", looked_after.page, name="looked-after-by"),
    path("learners/<uuid:learner_id>/specialists/", specialists.page, name="specialists"),
    path(
        "learners/<uuid:learner_id>/specialists/<uuid:referral_id>/end/",
        specialists.end,
        name="end-referral",
    ),
    path("learners/<uuid:learner_id>/places/", places.page, name="places"),
    path("learners/<uuid:learner_id>/places/<slug:step>/", places.step, name="places-step"),
    path("learners/<uuid:learner_id>/move/", moves.plan, name="plan-move"),
    path("acknowledgements/<uuid:acknowledgement_id>/", record.reply, name="reply"),
    path("contributions/<uuid:contribution_id>/ask/", record.ask_first, name="ask-first"),
    path("reviews/", reviews.page, name="reviews"),
    path("reviews/open/", reviews.open_term, name="open-term"),
    path("reviews/<uuid:review_id>/", review.page, name="review"),
    path("reviews/<uuid:review_id>/unchanged/", review.unchanged, name="review-unchanged"),
    path("reviews/<uuid:review_id>/level/<slug:area>/", review.level, name="review-level"),
    path("reviews/<uuid:review_id>/add/<slug:kind>/", review.add, name="review-add"),
    path("reviews/<uuid:review_id>/edit/<uuid:statement_id>/", review.edit, name="review-edit"),
    path("reviews/<uuid:review_id>/drop/", review.drop, name="review-drop"),
    path("reviews/<uuid:review_id>/progress/", review.progress, name="review-progress"),
    path("reviews/<uuid:review_id>/sign-off/", review.sign_off, name="review-sign-off"),
    path("moves/", moves.page, name="moves"),
    path("moves/<uuid:transition_id>/", moves.one, name="move"),
    path("moves/<uuid:transition_id>/<slug:step>/", moves.step, name="move-step"),
]
