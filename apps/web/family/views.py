"""A family's pages: each child now, what changed, saying what one thinks, agreeing or not."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.common.terms import asked_who_decides_from, comes_of_age, decides_from
from apps.framework import selectors as framework
from apps.learners import policy as people
from apps.learners import readings
from apps.learners import selectors as learners
from apps.lives import selectors as lives
from apps.reviews import answers, checks, meetings, noticing, papers, policy, selectors, whereabouts
from apps.reviews.actions import asking_first, voices
from apps.reviews.models import Review
from apps.rights import selectors as rights
from apps.transitions import selectors as moves
from apps.web import story
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.presenters import banner


def children(request: HttpRequest) -> HttpResponse:
    """Each child of mine; with one child, that child's page."""
    actor = cast(Visit, request).actor
    mine = selectors.children_of(actor)
    if len(mine) == 1:
        return redirect("my-child", mine[0].learner_id)
    audit.listed(by=actor.as_family(), learner_ids=[m.learner_id for m in mine], what="my children")
    return render(request, "family/children.html", {"children": mine})


def _seen(request: HttpRequest, learner_id: UUID) -> learners.Sight:
    seen = learners.sight(cast(Visit, request).actor, learner_id)
    if not seen.family:
        raise NotVisible
    return seen


def child(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """The record in the family's words: strengths first, then what helps, then what to expect."""
    seen = _seen(request, learner_id)
    actor = cast(Visit, request).actor.as_family()
    audit.opened(by=actor, learner_id=learner_id, what="record")
    record = selectors.record(actor, seen)
    if seen.learner.closed_because:
        context = {
            "record": record,
            "learner": seen.learner,
            "banner": banner(seen.learner),
            "holder": learners.holder_name(actor, learner_id) if seen.knows_where else "",
        }
        return render(request, "family/closed.html", context)
    grid = framework.grid(
        record.entries[0].framework_id if record.entries else framework.published().version.id
    )
    needs = [
        {"need": need, "box": grid.boxes.get((code, need.level.code))}
        for code, need in record.needs.items()
        if need.level and need.level.rank > 0
    ]
    latest = record.latest
    said = answers.own(actor, learner_id, latest) if latest else []
    own, born = policy.is_own(actor, learner_id), seen.learner.date_of_birth
    # Asked only where the page says something of it.
    decides = not own and clock.today() >= decides_from(born)
    context = {
        "record": record,
        "learner": seen.learner,
        "banner": banner(seen.learner, record.holder_name, record.group),
        "needs": needs,
        "checks": checks.checks_for(actor, seen) if seen.knows_where else {},
        "own": own,
        "seen": seen,
        "to_answer": selectors.to_answer_first(actor, learner_id) if own else [],
        "access": next(iter(learners.access_of_family(actor, learner_id)), None)
        if decides
        else None,
        "decides_from": decides_from(born),
        "asked_from": asked_who_decides_from(born),
        "comes_of_age": comes_of_age(born),
        "today": clock.today(),
        "reviewed_on": whereabouts.reviewed_on(learner_id) if not seen.knows_where else [],
        "joined": seen.knows_where and lives.earlier(actor, learner_id),
        **story.of_record(record, grid, own=own),
        "answers": said,
        "answered": any(a.review == latest for a in said),
        "meetings": meetings.of_learner(actor, learner_id, family=True),
        "ring": meetings.who_to_ring(record.holder_setting.id) if record.holder_setting else [],
        "noticed": noticing.own(actor, learner_id),
        "redacted": rights.redactions_of(actor, learner_id),
        "moves": [m for m in moves.of_learner(actor, learner_id) if m.shared_at or m.to_setting_id],
    }
    return render(request, "family/child.html", context)


class SayForm(GovukForm):
    """What a family member or young person wants to say, in three boxes."""

    going_well = forms.CharField(label="What is going well?", widget=forms.Textarea, required=False)
    harder = forms.CharField(
        label="What is harder at the moment?", widget=forms.Textarea, required=False
    )
    would_help = forms.CharField(label="What would help?", widget=forms.Textarea, required=False)
    others_may_see = forms.BooleanField(
        label="Other adults of the family may see what I wrote", required=False
    )


class YoungPersonForm(SayForm):
    """The same for the young person, who says what their parents may see."""

    others_may_see = None  # type: ignore[assignment]
    not_my_parents = forms.BooleanField(
        label="Do not show this to my parents or carers",
        help_text="They may still get it if they ask by law for a copy of everything. "
        "The setting looks at that with you first, if it can.",
        required=False,
    )
    ask_me_first = forms.BooleanField(
        label="Ask me before anybody else is shown this",
        help_text="Until then only the setting sees it.",
        required=False,
    )


def say(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Say what you think, at any time."""
    seen = _seen(request, learner_id)
    actor = cast(Visit, request).actor.as_family()
    people.check_can_contribute(actor, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="say what you think")
    young = policy.is_own(actor, learner_id)
    form = (YoungPersonForm if young else SayForm)(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            voices.contribute(by=actor, learner=seen.learner, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Thank you. The setting has what you wrote.")
            return redirect("my-child", learner_id)
    context = {"form": form, "banner": banner(seen.learner), "learner": seen.learner}
    return render(request, "family/say.html", context)


@require_POST
def show_mine(request: HttpRequest, contribution_id: UUID) -> HttpResponse:
    """Answer whether others of the family may be shown what I said."""
    actor = cast(Visit, request).actor.as_family()
    may_show = request.POST.get("may_show") == "yes"
    asked = asking_first.answer_first(by=actor, contribution_id=contribution_id, may_show=may_show)
    audit.opened(by=actor, learner_id=asked.learner_id, what="asked first")
    messages.success(
        request, "Others may be shown it." if may_show else "Only the setting sees it."
    )
    return redirect("my-child", asked.learner_id)


class AcknowledgeForm(GovukForm):
    """Agree or not; not agreeing says why."""

    agrees = forms.ChoiceField(
        label="Do you agree with it?",
        choices=[("yes", "Yes, I agree"), ("no", "No, not with everything")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )
    says = forms.CharField(
        label="What would you like to say about it?", widget=forms.Textarea, required=False
    )


def acknowledge(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Say that you have seen a review, and whether you agree."""
    actor = cast(Visit, request).actor.as_family()
    review = policy.visible_to(actor).select_related("learner").filter(pk=review_id).first()
    if review is None or review.state != Review.State.SIGNED_OFF:
        raise NotVisible
    _seen(request, review.learner_id)
    people.check_can_contribute(actor, review.learner_id)
    audit.opened(by=actor, learner_id=review.learner_id, what="review")
    form = AcknowledgeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            voices.acknowledge(
                by=actor,
                review_id=review_id,
                agrees=form.cleaned_data["agrees"] == "yes",
                says=form.cleaned_data["says"],
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "Thank you. The setting has your answer.")
            return redirect("my-child", review.learner_id)
    context = {"form": form, "review": review, "banner": banner(review.learner)}
    return render(request, "family/acknowledge.html", context)


def looked(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Who read the record, by role and organisation, and what was sent to others."""
    seen = _seen(request, learner_id)
    actor = cast(Visit, request).actor.as_family()
    audit.opened(by=actor, learner_id=learner_id, what="who has looked")
    context = {
        "seen": seen,
        "visits": readings.by_day(readings.of_learner(actor, learner_id, readings.SHOWN_BY_DAY)),
        "told": moves.told(actor, learner_id),
        "papers": papers.papers_sent(actor, learner_id),
        "banner": banner(seen.learner),
        "learner": seen.learner,
    }
    return render(request, "family/looked.html", context)
