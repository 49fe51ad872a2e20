"""Before sign-off: what the plain rules point out, and setting a point aside with a reason."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.common.exceptions import Invalid, NotVisible
from apps.learners import selectors as learners
from apps.reviews import quality, sentences
from apps.reviews.actions import setting_aside
from apps.reviews.changes import paired
from apps.reviews.models import Kind, Progress
from apps.reviews.proposed import proposed
from apps.reviews.sentences import Reader
from apps.reviews.workspace import Line, Workspace, workspace
from apps.web.forms import GovukForm
from apps.web.presenters import banner
from apps.web.senco.review import opened

# From where a point was opened, and where its page leads back to.
BACK = {"unchanged": "review-unchanged", "sign-off": "review-sign-off"}


def before_sign_off(work: Workspace, back: str) -> dict[str, Any]:
    """What a page shows of the record as it will stand: what changes, and what to look at again."""
    record, grid = work.record, work.grid
    signed = [r for r in record.reviews if r.number]
    number = max((r.number or 0 for r in signed), default=0) + 1
    coming = proposed(record.statements, work.changes, grid, number=number)
    looked = quality.Looked(coming, record.earlier, signed, above=grid.version.register_rank + 1)
    found = quality.points(looked, work.review.set_aside.all())
    return {
        "changed": sentences.changed(
            paired(record.statements, coming),
            Reader(work.review.learner.known_given),
            since="before",
            achieved=[line.statement for line in _met(work) if line.statement],
        ),
        "points": [p for p in found if not p.aside],
        "points_aside": [p for p in found if p.aside],
        "back": back,
    }


def _met(work: Workspace) -> list[Line]:
    lines = work.section(Kind.OUTCOME).lines
    return [n for n in lines if n.progress and n.progress.mark == Progress.Mark.ACHIEVED]


class ReasonForm(GovukForm):
    """Why a point is right as it is."""

    reason = forms.CharField(
        label="Why is it right as it is?",
        max_length=setting_aside.LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Only those who write this record's reviews read it.",
        error_messages={"required": "Say why this is right as it is."},
    )


def point(request: HttpRequest, review_id: UUID, rule: str, subject_id: UUID) -> HttpResponse:
    """One point: set it aside with a reason, or take it up again."""
    actor, review = opened(request, review_id)
    work = workspace(actor, learners.sight(actor, review.learner_id), review)
    back = BACK.get(request.GET.get("back", ""), "review-sign-off")
    shown = before_sign_off(work, "")
    every = {p.key: p for p in (*shown["points"], *shown["points_aside"])}
    if (rule, subject_id) not in every:
        raise NotVisible
    form = ReasonForm(request.POST or None)
    if "again" in request.POST:
        setting_aside.take_up_again(by=actor, review_id=review.id, rule=rule, subject_id=subject_id)
        return redirect(back, review.id)
    if request.method == "POST" and form.is_valid():
        try:
            setting_aside.set_aside(
                by=actor,
                review_id=review.id,
                rule=rule,
                subject_id=subject_id,
                reason=form.cleaned_data["reason"],
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Set aside for this review.")
            return redirect(back, review.id)
    context = {
        "form": form,
        "point": every[rule, subject_id],
        "review": review,
        "back": back,
        "banner": banner(review.learner, work.record.holder_name, work.record.group),
    }
    return render(request, "senco/point.html", context)
