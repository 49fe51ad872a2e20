"""The Learner Record, what was said, past reviews, and replies to the family."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access.permissions import Permission, Right
from apps.audit import record as audit
from apps.common.exceptions import Invalid, NotVisible
from apps.documents import selectors as documents
from apps.framework import selectors as framework
from apps.lives import selectors as lives
from apps.reviews import answers, policy, selectors
from apps.reviews.actions import asking_first, voices
from apps.rights import selectors as rights
from apps.transitions import selectors as moves
from apps.web import story
from apps.web.forms import GovukForm
from apps.web.guards import Visit, reader
from apps.web.presenters import banner, learner_grid


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """The record as this person may see it. An officer says why each time."""
    actor, seen = reader(request, learner_id, joined=lives.has_earlier())
    if seen.family:
        return redirect("my-child", learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="record")
    record = selectors.record(actor, seen)
    grid = (
        framework.grid(record.reviews[0].framework_id) if record.reviews else framework.published()
    )
    context = {
        "record": record,
        "learner": seen.learner,
        "seen": seen,
        "banner": banner(seen.learner, record.holder_name, record.group),
        "grid": grid,
        "rows": learner_grid(grid, record),
        **story.of_record(record, grid),
        "moves": moves.of_learner(actor, learner_id),
        "areas": actor.is_of_an_area or seen.holds,
        "reviews_here": actor.may(Permission.REVIEW) and seen.holds,
        "may_withhold": seen.holds or seen.overseen or actor.may(Permission.GUARD_READINGS),
        "leads": actor.may(Permission.GUARD_READINGS) or actor.may(Permission.OVERSEE_AREA),
        "copies": actor.may(Permission.REVIEW) and seen.right is Right.HOLD,
        "hands_over": actor.may(Permission.HAND_OVER) and seen.holds,
    }
    return render(request, "senco/record.html", context)


def past(request: HttpRequest, learner_id: UUID, number: int) -> HttpResponse:
    """The record exactly as it stood at a signed-off review."""
    actor, seen = reader(request, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="past review")
    record = selectors.record(actor, seen)
    review = next((r for r in record.reviews if r.number == number), None)
    if review is None:
        raise NotVisible
    context = {
        "review": review,
        "statements": selectors.at_review(actor, seen, number),
        "documents": documents.of_review(actor, learner_id, review.id),
        "answers": answers.of_review(actor, review.id, family=seen.family),
        "banner": banner(seen.learner, record.holder_name, record.group),
        "learner": seen.learner,
        "resealed": rights.resealed(review.id),
        "family": seen.family,
        "reviews_here": actor.may(Permission.REVIEW) and seen.holds,
    }
    return render(request, "senco/past.html", context)


def voices_of(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """All that people said, as far back as it goes, newest first: for staff and family alike."""
    actor, seen = reader(request, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="voices")
    said, more = selectors.voices_page(actor, seen, request.GET.get("after", ""))
    context = {
        "said": said,
        "next": f"?after={more}" if more else "",
        "seen": seen,
        "learner": seen.learner,
        "banner": banner(seen.learner),
        "reviews_here": actor.may(Permission.REVIEW) and seen.holds,
    }
    return render(request, "senco/voices.html", context)


@require_POST
def ask_first(request: HttpRequest, contribution_id: UUID) -> HttpResponse:
    """Ask whoever said something whether others of the family may be shown it."""
    actor = cast(Visit, request).actor
    asked = asking_first.ask_first(by=actor, contribution_id=contribution_id)
    audit.opened(by=actor, learner_id=asked.learner_id, what="contribution")
    messages.success(request, "They are asked on their own page. Until then nobody else sees it.")
    return redirect("record", asked.learner_id)


class ReplyForm(GovukForm):
    """The setting's reply to a disagreement."""

    reply = forms.CharField(label="Your reply", widget=forms.Textarea)


def reply(request: HttpRequest, acknowledgement_id: UUID) -> HttpResponse:
    """Answer a family that does not agree."""
    actor = cast(Visit, request).actor
    found = policy.acknowledgements_visible(actor, family=False).filter(pk=acknowledgement_id)
    acknowledgement = found.select_related("learner", "family_member", "replied_by").first()
    if acknowledgement is None:
        raise NotVisible
    policy.check_can_review(actor, acknowledgement.learner_id)
    audit.opened(by=actor, learner_id=acknowledgement.learner_id, what="disagreement")
    form = ReplyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            voices.reply(
                by=actor, acknowledgement_id=acknowledgement_id, text=form.cleaned_data["reply"]
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Your reply was sent.")
            return redirect("record", acknowledgement.learner_id)
    context = {
        "form": form,
        "acknowledgement": acknowledgement,
        "banner": banner(acknowledgement.learner),
    }
    return render(request, "senco/reply.html", context)
