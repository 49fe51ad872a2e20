"""What a review changes: a statement in words, the level of an area, how far outcomes got."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.grants import Actor
from apps.common.exceptions import Invalid, NotVisible, Stale
from apps.framework import selectors as framework
from apps.learners import selectors as learners
from apps.reviews import selectors
from apps.reviews.actions import drafting, phrases
from apps.reviews.models import DraftChange, Kind, Progress, Review, Statement
from apps.web.presenters import banner
from apps.web.senco.review import back_to, in_place, opened, version
from apps.web.senco.review_forms import (
    FORMS,
    LevelForm,
    ProgressForm,
    StatementForm,
    initial,
)


def add(request: HttpRequest, review_id: UUID, kind: str) -> HttpResponse:
    """Add a statement of one kind."""
    actor, review = opened(request, review_id)
    if kind not in FORMS:
        raise NotVisible
    return _statement(request, actor, review, kind, None, None)


def edit(request: HttpRequest, review_id: UUID, statement_id: UUID) -> HttpResponse:
    """Replace or withdraw a statement in force."""
    actor, review = opened(request, review_id)
    statement = Statement.objects.filter(
        pk=statement_id, record=review.record_id, withdrawn_no=None
    ).first()
    if statement is None or statement.kind not in FORMS:
        raise NotVisible
    draft = review.changes.filter(statement=statement).first()
    return _statement(request, actor, review, statement.kind, statement, draft)


def edit_new(request: HttpRequest, review_id: UUID, change_id: UUID) -> HttpResponse:
    """Put a statement that this review adds in other words."""
    actor, review = opened(request, review_id)
    draft = review.changes.filter(pk=change_id, statement=None).first()
    # Somebody took it out meanwhile: what was typed is added anew.
    kind = draft.values["kind"] if draft else request.POST.get("kind", "")
    if kind not in FORMS:
        raise NotVisible
    return _statement(request, actor, review, kind, None, draft)


def _statement(
    request: HttpRequest,
    actor: Actor,
    review: Review,
    kind: str,
    statement: Statement | None,
    draft: DraftChange | None,
) -> HttpResponse:
    row = statement or draft
    place = str(row.id) if row else f"{kind}-add"
    form = FORMS[kind](
        request.POST or None,
        areas=framework.grid(review.framework_id).areas,
        initial={"version": review.version, **initial(statement, draft)},
        **_ids(request, place),
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
            change_id=draft.id if draft and not statement else None,
        )
        if saved:
            adds = "" if row else kind
            return back_to(request, actor, review, str(row.id if row else saved.id), adds=adds)
    context = {
        "form": form,
        "review": review,
        "kind": Kind(kind),
        "statement": statement,
        "place": place,
        "action": request.path,
        "phrases": phrases.phrases(review.setting_id, kind) if review.setting_id else [],
        "banner": banner(review.learner),
    }
    template = (
        "senco/workspace/statement_form.html" if in_place(request) else "senco/statement.html"
    )
    return render(request, template, context, status=form.status)


def _ids(request: HttpRequest, place: str) -> dict[str, str]:
    """The ids of a form's controls: of their own where several forms are open on one page."""
    return {"auto_id": f"{place}_%s"} if in_place(request) else {}


def level(request: HttpRequest, review_id: UUID, area: str) -> HttpResponse:
    """Choose the level of one area by reading its descriptions side by side."""
    actor, review = opened(request, review_id)
    grid = framework.grid(review.framework_id)
    chosen_area = grid.area(area)
    record = selectors.record(actor, learners.sight(actor, review.learner_id))
    need = record.needs.get(area)
    draft = review.changes.filter(values__kind=Kind.NEED.value, values__area=area).first()
    form = LevelForm(
        request.POST or None,
        levels=grid.levels,
        initial={
            "version": review.version,
            "level": grid.levels[0].code,
            **initial(need, draft),
        },
        **_ids(request, area),
    )
    if request.method == "POST" and form.is_valid():
        values = form.values(chosen_area)
        if _save(request, form, actor=actor, review=review, change="replace", values=values):
            return back_to(request, actor, review, area)
    context = {
        "form": form,
        "review": review,
        "area": chosen_area,
        "boxes": [
            {"level": v, "box": grid.box(area, v.code), "choice": choice}
            for v, choice in zip(grid.levels, form["level"], strict=True)
        ],
        "need": need,
        "before": _as_judged(need, review),
        "place": area,
        "action": request.path,
        "banner": banner(review.learner, record.holder_name, record.group),
        "count": len(grid.levels),
    }
    template = "senco/workspace/level_form.html" if in_place(request) else "senco/level.html"
    return render(request, template, context, status=form.status)


def _as_judged(need: Statement | None, review: Review) -> Any:
    """The description by which the need was judged, where that was an older version's."""
    if need is None or need.area is None or need.level is None:
        return None
    if need.area.version_id == review.framework_id:
        return None
    older = framework.grid(need.area.version_id)
    return older.box(need.area.code, need.level.code)


def _save(
    request: HttpRequest,
    form: StatementForm | LevelForm,
    *,
    actor: Actor,
    review: Review,
    change: str,
    values: dict[str, Any],
    statement_id: UUID | None = None,
    change_id: UUID | None = None,
) -> DraftChange | None:
    """Save a change; on a refusal the form keeps the words and says why."""
    try:
        if form.cleaned_data.get("keep_phrase") and values and review.setting_id:
            phrases.keep_phrase(
                by=actor,
                setting_id=review.setting_id,
                kind=values["kind"],
                text=values["text"],
                of=review.learner,
            )
        return drafting.save_change(
            by=actor,
            review_id=review.id,
            seen=version(request),
            change=change,
            values=values,
            statement_id=statement_id,
            change_id=change_id,
        )
    except Invalid as error:
        form.add_domain_error(error)
    except Stale as error:
        saved = drafting.saved_in_place(review, values, statement_id, change_id)
        form.went_stale(error, review, saved)
    return None


def progress(request: HttpRequest, review_id: UUID) -> HttpResponse:
    """Say how far each outcome got."""
    actor, review = opened(request, review_id)
    outcomes = list(
        Statement.objects.filter(
            record=review.record, kind=Kind.OUTCOME, withdrawn_no=None
        ).order_by("order", "id")
    )
    said = {p.outcome_id: p for p in Progress.objects.filter(review=review)}
    form = ProgressForm(
        request.POST or None, outcomes=outcomes, said=said, initial={"version": review.version}
    )
    if request.method == "POST" and form.is_valid():
        try:
            drafting.save_progress(
                by=actor, review_id=review.id, seen=version(request), marks=form.marks()
            )
        except Stale as error:
            form.went_stale(error, review)
        else:
            return back_to(request, actor, review, Kind.OUTCOME)
    context = {
        "form": form,
        "outcomes": outcomes,
        "review": review,
        "banner": banner(review.learner),
    }
    template = "senco/workspace/progress_form.html" if in_place(request) else "senco/progress.html"
    return render(request, template, context, status=form.status)
