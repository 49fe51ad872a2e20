"""The review workspace: one page with what is in force, changes, and sign-off.

Every write carries the version of the review that the page showed; when somebody saved since, the
page shows both and keeps what was typed.
"""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible, Stale
from apps.framework import selectors as framework
from apps.learners import selectors as learners
from apps.learners.due import ask_now
from apps.reviews import policy, selectors
from apps.reviews.actions import drafting, signoff
from apps.reviews.models import Kind, Progress, Review, Statement
from apps.web.guards import Visit, posted_key
from apps.web.presenters import banner
from apps.web.senco.review_forms import (
    FORMS,
    LevelForm,
    ProgressForm,
    SignOffForm,
    StatementForm,
    initial,
)


def _open(request: HttpRequest, review_id: UUID) -> tuple[Actor, Review]:
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


def page(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """The whole review on one page."""
    actor, review = _open(request, review_id)
    if review.state != Review.State.OPEN:
        return redirect("record", review.learner_id)
    return render(request, "senco/review.html", _workspace(actor, review))


def _workspace(actor: Actor, review: Review) -> dict[str, Any]:
    record = selectors.record(actor, learners.sight(actor, review.learner_id))
    grid = framework.grid(review.framework_id)
    changes = list(review.changes.select_related("statement"))
    changed = {c.statement_id: c for c in changes if c.statement_id}
    drafted = {c.values.get("area"): c for c in changes if c.values.get("kind") == Kind.NEED}
    levels = {v.code: v for v in grid.levels}
    needs = []
    for area in grid.areas:
        draft = drafted.get(area.code)
        needs.append(
            {
                "area": area,
                "need": record.needs.get(area.code),
                "draft": draft,
                "draft_level": levels.get(draft.values["level"]) if draft else None,
            }
        )
    sections = [
        {
            "kind": kind,
            "label": kind.label,
            "rows": [{"statement": s, "change": changed.get(s.id)} for s in record.of(kind)],
            "added": [
                c for c in changes if c.change == "add" and c.values.get("kind") == kind.value
            ],
        }
        for kind in Kind
        if kind != Kind.NEED
    ]
    return {
        "review": review,
        "record": record,
        "grid": grid,
        "needs": needs,
        "sections": sections,
        "changes": len(changes),
        "views": [c for c in record.contributions if c.review_id == review.id],
        "banner": banner(review.learner, record.holder_name),
        "ask_who_decides": ask_now(review.learner),
        "missing": [n["area"] for n in needs if not n["need"] and not n["draft"]],
        "form": SignOffForm(initial={"version": review.version, "spoke_on": clock.today()}),
    }


def level(request: HttpRequest, review_id: UUID, area: str) -> HttpResponse:
    """Choose the level of one area by reading its descriptions side by side."""
    actor, review = _open(request, review_id)
    grid = framework.grid(review.framework_id)
    chosen_area = grid.area(area)
    record = selectors.record(actor, learners.sight(actor, review.learner_id))
    need = record.needs.get(area)
    draft = review.changes.filter(values__kind=Kind.NEED.value, values__area=area).first()
    form = LevelForm(
        request.POST or None,
        levels=grid.levels,
        initial={"version": review.version, **initial(need, draft)},
    )
    if request.method == "POST" and form.is_valid():
        values = form.values(chosen_area)
        if _save(request, form, actor=actor, review=review, change="replace", values=values):
            return redirect("review", review.id)
    boxes = [
        {"level": v, "box": grid.box(area, v.code), "guides": grid.box(area, v.code).guides.all()}
        for v in grid.levels
    ]
    context = {
        "form": form,
        "review": review,
        "area": chosen_area,
        "boxes": boxes,
        "need": need,
        "banner": banner(review.learner, record.holder_name),
        "count": len(grid.levels),
    }
    return render(request, "senco/level.html", context, status=form.status)


def add(request: HttpRequest, review_id: UUID, kind: str) -> HttpResponse:
    """Add a statement of one kind."""
    return _statement(request, review_id, kind=kind, statement=None)


def edit(request: HttpRequest, review_id: UUID, statement_id: UUID) -> HttpResponse:
    """Replace or withdraw a statement in force."""
    statement = Statement.objects.filter(pk=statement_id, withdrawn_no=None).first()
    if statement is None:
        raise NotVisible
    return _statement(request, review_id, kind=statement.kind, statement=statement)


def _statement(
    request: HttpRequest, review_id: UUID, *, kind: str, statement: Statement | None
) -> HttpResponse:
    actor, review = _open(request, review_id)
    if kind not in FORMS or (statement and statement.learner_id != review.learner_id):
        raise NotVisible
    draft = review.changes.filter(statement=statement).first() if statement else None
    form = FORMS[kind](
        request.POST or None, initial={"version": review.version, **initial(statement, draft)}
    )
    change = "withdraw" if "withdraw" in request.POST else "replace" if statement else "add"
    if request.method == "POST" and (form.is_valid() or change == "withdraw"):
        values = {} if change == "withdraw" else form.values()
        saved = _save(
            request,
            form,
            actor=actor,
            review=review,
            change=change,
            values=values,
            statement_id=statement.id if statement else None,
        )
        if saved:
            return redirect("review", review.id)
    context = {
        "form": form,
        "review": review,
        "kind": Kind(kind),
        "statement": statement,
        "banner": banner(review.learner),
    }
    return render(request, "senco/statement.html", context, status=form.status)


def _save(
    request: HttpRequest,
    form: StatementForm | LevelForm,
    *,
    actor: Actor,
    review: Review,
    change: str,
    values: dict[str, Any],
    statement_id: UUID | None = None,
) -> bool:
    """Save a change; on a refusal the form keeps the words and says why."""
    try:
        drafting.save_change(
            by=actor,
            review_id=review.id,
            version=_version(request),
            change=change,
            values=values,
            statement_id=statement_id,
        )
    except Invalid as error:
        form.add_domain_error(error)
        return False
    except Stale as error:
        form.went_stale(error, review, drafting.saved_in_place(review, values, statement_id))
        return False
    return True


def _version(request: HttpRequest) -> int | None:
    value = request.POST.get("version", "")
    return int(value) if value.isascii() and value.isdigit() else -1


@require_POST
def drop(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Take a change out again."""
    actor, review = _open(request, review_id)
    change = review.changes.filter(pk=posted_key(request, "change")).first()
    if change is None:
        raise NotVisible
    drafting.drop_change(by=actor, review_id=review.id, version=None, change_id=change.id)
    return redirect("review", review.id)


def progress(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Say how far each outcome got."""
    actor, review = _open(request, review_id)
    outcomes = list(
        Statement.objects.filter(record=review.record, kind=Kind.OUTCOME, withdrawn_no=None)
    )
    said = {p.outcome_id: p for p in Progress.objects.filter(review=review)}
    form = ProgressForm(
        request.POST or None, outcomes=outcomes, said=said, initial={"version": review.version}
    )
    if request.method == "POST" and form.is_valid():
        try:
            drafting.save_progress(
                by=actor, review_id=review.id, version=_version(request), marks=form.marks()
            )
        except Stale as error:
            form.went_stale(error, review)
        else:
            return redirect("review", review.id)
    context = {"form": form, "review": review, "banner": banner(review.learner)}
    return render(request, "senco/progress.html", context, status=form.status)


def unchanged(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """A record where nothing changed: read it, one button, and on to the next."""
    actor, review = _open(request, review_id)
    if review.state != Review.State.OPEN or review.changes.exists():
        return redirect("review", review.id)
    form = SignOffForm(
        request.POST or None,
        initial={"version": review.version, "spoke_on": clock.today()},
    )
    if request.method == "POST":
        return _sign(request, actor, review, form, "senco/unchanged.html", nothing_changed=True)
    return render(request, "senco/unchanged.html", {**_workspace(actor, review), "form": form})


def sign_off(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Check answers, then sign off."""
    actor, review = _open(request, review_id)
    form = SignOffForm(
        request.POST or None,
        initial={"version": review.version, "spoke_on": clock.today()},
    )
    if request.method == "POST":
        return _sign(request, actor, review, form, "senco/sign_off.html", nothing_changed=False)
    return render(request, "senco/sign_off.html", {**_workspace(actor, review), "form": form})


def _sign(
    request: HttpRequest,
    actor: Actor,
    review: Review,
    form: SignOffForm,
    template: str,
    *,
    nothing_changed: bool,
) -> HttpResponse:
    """Sign off, and go on to the next learner without returning to a list."""
    if form.is_valid():
        try:
            signoff.sign_off(
                by=actor,
                review_id=review.id,
                version=_version(request),
                nothing_changed=nothing_changed,
                **form.conversation(),
            )
        except Invalid as error:
            form.add_domain_error(error)
        except Stale as error:
            form.went_stale(error, review)
        else:
            return _next(request, actor, review)
    context = {**_workspace(actor, review), "form": form}
    return render(request, template, context, status=form.status)


def _next(request: HttpRequest, actor: Actor, review: Review) -> HttpResponse:
    messages.success(request, f"{review.learner}'s review is signed off.")
    if "next" in request.POST and review.setting_id:
        following = selectors.next_review(actor, review.setting_id, review.id)
        if following:
            audit.listed(by=actor, learner_ids=[following.learner_id], what="next review")
            return redirect("review-unchanged", following.id)
    return redirect("record", review.learner_id)
