"""The review workspace: one page with what is in force, each statement dealt with in its place.

With a script the page asks for one place at a time and gets that part alone; without, each link is
a page of its own and each answer leads back to the place.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject as Lazy
from django.views.decorators.http import require_POST

from apps.access.grants import Actor
from apps.accounts import unsent
from apps.audit import record as audit
from apps.common.exceptions import NotVisible
from apps.documents import selectors as documents
from apps.learners import selectors as learners
from apps.learners.due import ask_now
from apps.reviews import asking, checks, policy, rounds
from apps.reviews.actions import confirming, drafting, filling
from apps.reviews.models import Kind, Review, Statement
from apps.reviews.workspace import Workspace, workspace
from apps.web.guards import Visit, form_sent, posted_key
from apps.web.presenters import banner
from apps.web.senco.review_forms import ProgressForm


def opened(request: HttpRequest, review_id: UUID) -> tuple[Actor, Review]:
    """The actor and the review, for those who write it; the reading is logged."""
    actor = cast(Visit, request).actor
    review = (
        policy.visible_to(actor)
        .select_related("learner", "setting", "record", "framework")
        .filter(pk=review_id)
        .first()
    )
    if review is None:
        raise NotVisible
    policy.check_can_review(actor, review.learner_id)
    actor = actor.at(review.setting_id or review.local_area_id)
    audit.opened(by=actor, learner_id=review.learner_id, what="review")
    return actor, review


def in_place(request: HttpRequest) -> bool:
    """Whether a script asks for a part of the page, to put in its place."""
    return "HX-Request" in request.headers


def version(request: HttpRequest) -> int:
    """The version of the review that the page showed; -1, which none has, when it sent none."""
    value = request.POST.get("version", "")
    return int(value) if value.isascii() and value.isdigit() else -1


def page(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The whole review on one page, or with `place` one part of it."""
    actor, review = opened(request, review_id)
    if review.state != Review.State.OPEN:
        return redirect("record", review.learner_id)
    if in_place(request) and (place := request.GET.get("place")):
        return _part(request, actor, review, place)
    return render(request, "senco/review.html", shown(actor, review))


def shown(actor: Actor, review: Review) -> dict[str, Any]:
    """What the templates of a review are given; what one part does not show is not asked for."""
    seen = learners.sight(actor, review.learner_id)
    work = workspace(actor, seen, review)
    path = reverse("review", args=[review.id])
    return {
        "review": review,
        "work": work,
        "record": work.record,
        "grid": work.grid,
        "banner": banner(review.learner, work.record.holder_name, work.record.group),
        "ask_who_decides": ask_now(review.learner),
        "progress": Lazy(lambda: _progress(review, work)),
        "unsent": Lazy(lambda: unsent.kept_under(user_id=actor.key, path=path)),
        "checks": Lazy(lambda: checks.checks_for(actor, seen)),
        "said": Lazy(lambda: rounds.said_of_supports(actor, seen, review)),
        "awaited": Lazy(lambda: asking.awaited(actor, review)),
        "documents": Lazy(lambda: documents.of_review(actor, review.learner_id, review.id)),
    }


def _progress(review: Review, work: Workspace) -> ProgressForm | None:
    """The form that asks how far each outcome in force got."""
    lines = [line for line in work.section(Kind.OUTCOME).lines if line.statement]
    if not lines:
        return None
    outcomes = [cast(Statement, line.statement) for line in lines]
    said = {cast(UUID, line.key): line.progress for line in lines if line.progress}
    return ProgressForm(outcomes=outcomes, said=said, initial={"version": review.version})


def back_to(
    request: HttpRequest, actor: Actor, review: Review, place: str, **more: Any
) -> HttpResponse:
    """After a save: the place as it is now, or the page at that place."""
    if in_place(request):
        form_sent(request)
        review.refresh_from_db()
        return _part(request, actor, review, place, **more)
    return redirect(f"{reverse('review', args=[review.id])}#place-{place}")


def _part(
    request: HttpRequest, actor: Actor, review: Review, place: str, **more: Any
) -> HttpResponse:
    """One line, one section or the line that adds to it, with the review's state beside it.

    A place that is there no more is nothing.
    """
    context = shown(actor, review)
    work: Workspace = context["work"]
    kind, _, adding = place.partition("-")
    if kind in Kind.values:
        context["section"] = work.section(kind)
        name = "add" if adding else "section"
    else:
        context["line"] = work.line(place)
        name = "line"
    if adds := more.pop("adds", ""):
        context["section"] = work.section(adds)
    context |= {"part": f"senco/workspace/{name}.html", "adds": adds, **more}
    return render(request, "senco/workspace/part.html", context)


@require_POST
def still_true(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Say that a statement is still so, a section, or everything; `undo` takes it back."""
    actor, review = opened(request, review_id)
    statement_id = posted_key(request, "statement") if request.POST.get("statement") else None
    kind = request.POST.get("kind", "")
    act = confirming.take_back if "undo" in request.POST else confirming.say_still_true
    act(by=actor, review_id=review.id, statement_id=statement_id, kind=kind)
    return back_to(request, actor, review, request.POST.get("place") or kind or "all")


@require_POST
def drop(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Take a change out again."""
    actor, review = opened(request, review_id)
    change = review.changes.filter(pk=posted_key(request, "change")).first()
    if change is None:
        raise NotVisible
    seen = version(request) if request.POST.get("version") else None
    drafting.drop_change(by=actor, review_id=review.id, seen=seen, change_id=change.id)
    is_need = change.values.get("kind") == Kind.NEED
    place = change.values["area"] if is_need else change.statement_id or change.id
    return back_to(request, actor, review, str(place))


@require_POST
def order(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Read a statement earlier in its section, or later."""
    actor, review = opened(request, review_id)
    key = posted_key(request, "place")
    filling.read_earlier(by=actor, review_id=review.id, key=key, later="later" in request.POST)
    return back_to(request, actor, review, request.POST.get("kind") or str(key))


@require_POST
def adopt(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Take a practice guide over as a support."""
    actor, review = opened(request, review_id)
    guide, area = request.POST.get("guide", ""), request.POST.get("area", "")
    change = filling.adopt_guide(by=actor, review_id=review.id, guide=guide, area=area)
    return back_to(request, actor, review, str(change.id), taken_over=change)


@require_POST
def rest_universal(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The areas that nobody has judged yet are universal."""
    actor, review = opened(request, review_id)
    filling.rest_universal(by=actor, review_id=review.id)
    return redirect("review", review.id)
