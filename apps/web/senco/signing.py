"""Signing a review off: where nothing changed, or after checking what does."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common.exceptions import Invalid, Stale
from apps.reviews import meetings, selectors
from apps.reviews.actions import signoff
from apps.reviews.models import Review
from apps.web.senco.quality import before_sign_off
from apps.web.senco.review import opened, shown, version
from apps.web.senco.review_forms import SignOffForm


def unchanged(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """A record where nothing changed: read it, one button, and on to the next."""
    actor, review = opened(request, review_id)
    if review.state != Review.State.OPEN or review.changes.exists():
        return redirect("review", review.id)
    return _page(request, actor, review, "senco/unchanged.html", nothing_changed=True)


def sign_off(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Check answers, then sign off."""
    actor, review = opened(request, review_id)
    if review.state != Review.State.OPEN and request.method != "POST":
        return redirect("record", review.learner_id)
    return _page(request, actor, review, "senco/sign_off.html", nothing_changed=False)


def _page(
    request: HttpRequest, actor: Actor, review: Review, template: str, *, nothing_changed: bool
) -> HttpResponse:
    """The page, or sign off and go on to the next learner without returning to a list."""
    held_on = meetings.conversation_held(review)
    held = {"spoke": "yes", "spoke_on": held_on} if held_on else {}
    form = SignOffForm(request.POST or None, initial={"version": review.version, **held})
    if request.method == "POST" and form.is_valid():
        try:
            signoff.sign_off(
                by=actor,
                review_id=review.id,
                version=version(request),
                nothing_changed=nothing_changed,
                **form.conversation(),
            )
        except Invalid as error:
            form.add_domain_error(error)
        except Stale as error:
            form.went_stale(error, review)
        else:
            return _next(request, actor, review)
    context = {**shown(actor, review), "form": form}
    back = "unchanged" if nothing_changed else "sign-off"
    context |= before_sign_off(context["work"], back)
    return render(request, template, context, status=form.status)


def _next(request: HttpRequest, actor: Actor, review: Review) -> HttpResponse:
    messages.success(request, f"{review.learner}'s review is signed off.")
    if "next" in request.POST and review.setting_id:
        following = selectors.next_review(actor, review.setting_id, review.id)
        if following:
            audit.listed(by=actor, learner_ids=[following.learner_id], what="next review")
            return redirect("review-unchanged", following.id)
    return redirect("record", review.learner_id)
