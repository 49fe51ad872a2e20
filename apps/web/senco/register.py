"""The register: the list, its figures, and putting a learner on it."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.framework import selectors as framework
from apps.learners import selectors as learners
from apps.reviews import answers, noticing, policy, registers
from apps.reviews.actions.entry import Evidence, put_on_register
from apps.rights import selectors as rights
from apps.settings import calendar
from apps.web import first
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, at_keeper, organisation
from apps.web.presenters import banner, bars, count_grid
from apps.web.senco.register_filters import FilterForm

FOUND = 30
CHOSEN = ("year", "area", "level", "support", "review", "since", "also", "plan", "family", "after")


def shown_by(request: HttpRequest) -> tuple[registers.Filters, list[str]]:
    """The filters and columns of an address; a search is posted, so no name is ever in one."""
    filters = registers.Filters(
        **{name: request.GET.get(name, "")[:60] for name in CHOSEN},
        class_name=request.GET.get("class", "")[:60],
        words=request.POST.get("words", "")[:80],
        sort=request.GET.get("sort", "name")[:10],
    )
    columns = [name for name in registers.COLUMNS if name in request.GET.getlist("columns")]
    return filters, columns or list(registers.USUAL)


def at_register(request: HttpRequest) -> tuple[Actor, UUID]:
    """The actor at the setting whose register they see."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.SEE_REGISTER))
    return visit.actor.at(setting_id), setting_id


def page(request: HttpRequest, errors: Sequence[tuple[str, str]] = ()) -> HttpResponse:
    """The setting's list, its figures, what narrows it and what can be done with some of it.

    `errors`: what is wrong with what was to be done with some, each with the id of its control.
    """
    actor, setting_id = at_register(request)
    setting = registers.setting_and_views(actor, setting_id)
    term = calendar.term_on(clock.today(), setting)
    filters, columns = shown_by(request)
    query = _query(request)
    narrowing = bool(query) or "narrow" in request.GET
    rows = registers.register_rows(actor, setting_id, filters, term, columns)
    more = rows[registers.PAGE - 1]["id"] if len(rows) > registers.PAGE else None
    rows = rows[: registers.PAGE]
    counts = registers.register_counts(actor, setting_id, places=narrowing)
    keeps = actor.may(Permission.KEEP_REGISTER, setting_id)
    waiting = [] if keeps else rights.decisions_for(actor)  # a SENCO's are on the home page
    leads = not keeps and actor.may(Permission.GUARD_READINGS, setting_id)
    unanswered = answers.waiting(actor, setting_id) if leads else []
    near = []
    if filters.words.strip() and not rows:
        near = registers.nearly_called(actor, setting_id, filters.words)
    inbox = first.told_on("register", actor)
    shown = {r["learner_id"] for r in [*rows, *near]}
    shown |= {d.learner_id for d in waiting} | {a.learner_id for a in unanswered}
    shown |= {m.learner_id for m in inbox if m.learner_id}
    audit.listed(by=actor, learner_ids=shown, what="register")
    grid = framework.published()
    # A form of so many fields takes as long as the rest of the page: made when asked for.
    form = _form(request, columns, counts, grid) if narrowing else None
    context = {
        "setting": setting,
        "rows": [{**r, "bars": bars(grid, r["levels"])} for r in rows],
        "more": more,
        "near": near,
        "filters": filters,
        "query": query,
        "form": form,
        "chosen": form.chosen(request.GET) if form else [],
        "columns": columns,
        "headings": [(name, registers.COLUMNS[name]) for name in columns],
        "grid": grid,
        "counts": count_grid(grid, counts),
        "total": len(counts),
        "plans": sum(c["has_plan"] for c in counts),
        "new": sum(c["starts_on"] >= term.starts_on for c in counts),
        "overdue": sum(bool(c["open_due"] and c["open_due"] < clock.today()) for c in counts),
        "today": clock.today(),
        "keeps": keeps,
        "waiting": waiting,
        "unanswered": unanswered,
        "inbox": inbox,
        "errors": errors,
    }
    status = HTTPStatus.BAD_REQUEST if errors else HTTPStatus.OK
    return render(request, "senco/register.html", context, status=status)


def _form(
    request: HttpRequest, columns: list[str], counts: list[Any], grid: framework.Grid
) -> FilterForm:
    """The filters as the address has them; the columns that are shown are ticked."""
    shown = request.GET.copy()
    shown.setlist("columns", columns)
    return FilterForm(shown, counts=counts, grid=grid)


def _query(request: HttpRequest) -> str:
    """The filters of the address without the place in the list."""
    kept = request.GET.copy()
    kept.pop("after", None)
    kept.pop("narrow", None)
    return kept.urlencode()


def add(request: HttpRequest) -> HttpResponse:
    """Choose who to put on the register, among the setting's learners who are not on it."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.KEEP_REGISTER))
    actor = visit.actor.at(setting_id)
    policy.check_can_keep_register(actor, setting_id)
    words = request.POST.get("words", "")[:80]
    found: list[Any] = []
    near: list[Any] = []
    if words.strip():
        found = list(registers.unlisted(actor, setting_id, words)[:FOUND])
        if not found:
            near = list(learners.nearly_called(registers.unlisted(actor, setting_id), words))
        audit.listed(by=actor, learner_ids=[e.learner_id for e in [*found, *near]], what="search")
    return render(request, "senco/add.html", {"found": found, "near": near, "words": words})


class EntryForm(GovukForm):
    """One area, one level, one line of evidence."""

    area = forms.ChoiceField(label="Area of need", widget=forms.RadioSelect)
    level = forms.ChoiceField(label="Which description matches?", widget=forms.RadioSelect)
    what = forms.CharField(
        label="What was seen?",
        help_text="One line: what happens, as it shows itself here. No diagnosis is needed.",
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": "Enter one line on what was seen."},
    )
    where = forms.CharField(label="Where", required=False, max_length=120)
    when = DateField(label="When", required=False)

    def __init__(self, *args: Any, grid: framework.Grid, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.ChoiceField, self.fields["area"])
        choice.choices = [(a.code, a.name) for a in grid.areas]
        choice.error_messages["required"] = "Choose an area of need."
        level = cast(forms.ChoiceField, self.fields["level"])
        level.choices = [
            (v.code, f"{v.name}: {v.definition}")
            for v in grid.levels
            if v.rank >= grid.version.register_rank
        ]
        level.error_messages["required"] = "Choose the level whose description matches."


def entry(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Put a learner on the register: it takes a minute."""
    actor, seen, setting = at_keeper(request, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="entry")
    grid = framework.published()
    noticed = noticing.first_words(actor, learner_id, setting.id)
    form = EntryForm(request.POST or None, grid=grid, initial={"what": noticed})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        evidence = Evidence(
            what=data["what"],
            where=data["where"],
            when=data["when"] or clock.today(),
            by=actor.name,
        )
        try:
            put_on_register(
                by=actor,
                learner=seen.learner,
                setting=setting,
                area=data["area"],
                level=data["level"],
                evidence=evidence,
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"{seen.learner} is on the register from today.")
            return redirect("record", learner_id)
    context = {"form": form, "grid": grid, "banner": banner(seen.learner), "learner": seen.learner}
    return render(request, "senco/entry.html", context)
