"""What is done with some of a register at once: reviews opened, the list taken away, views kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.common.terms import year_group_label
from apps.formats.sheets import Cell, to_csv, to_xlsx
from apps.framework import selectors as framework
from apps.register import saved_views
from apps.reviews import papers, registers
from apps.reviews.actions import term as terms
from apps.settings import calendar
from apps.settings.models import Setting
from apps.web.guards import Visit, organisation, posted_key, step_up
from apps.web.papers import as_file
from apps.web.senco import asking, register
from apps.web.senco.register import at_register, shown_by

Rows = list[dict[str, Any]]

NOBODY = "Tick at least one learner first, or choose everyone in the list."


@require_POST
def selected(request: HttpRequest) -> HttpResponse:
    """Do one thing with the learners that were ticked, or with everyone the filters leave."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.KEEP_REGISTER))
    actor = visit.actor.at(setting_id)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise NotVisible
    setting = Setting.objects.select_related("local_area").get(pk=setting_id)
    filters, _ = shown_by(request)
    everyone = request.POST.get("of") == "all"
    only = None if everyone else _keys(request)
    now = calendar.term_on(clock.today(), setting)
    rows = registers.chosen(actor, setting_id, filters, now, only=only)
    if not rows:
        return register.page(request, [("of-ticked", NOBODY)])
    audit.listed(by=actor, learner_ids=[r["learner_id"] for r in rows], what="register")
    return act(request, actor, setting, rows)


def _keys(request: HttpRequest) -> list[UUID]:
    try:
        return [UUID(key) for key in request.POST.getlist("who")]
    except ValueError:
        raise NotVisible from None


def _open_reviews(request: HttpRequest, actor: Actor, setting: Setting, rows: Rows) -> HttpResponse:
    only = [r["learner_id"] for r in rows]
    job = terms.have_term_opened(by=actor, setting=setting, only=only)
    return redirect("job", job.id)


def _ask_for_views(
    request: HttpRequest, actor: Actor, setting: Setting, rows: Rows
) -> HttpResponse:
    return asking.of_some(request, actor, setting, [r["learner_id"] for r in rows])


def _as_csv(request: HttpRequest, actor: Actor, setting: Setting, rows: Rows) -> HttpResponse:
    content = to_csv(*_table(request, actor, setting, rows))
    return _file(content, "text/csv; charset=utf-8", "csv")


def _as_xlsx(request: HttpRequest, actor: Actor, setting: Setting, rows: Rows) -> HttpResponse:
    content = to_xlsx("Register", *_table(request, actor, setting, rows))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return _file(content, kind, "xlsx")


def _profiles(request: HttpRequest, actor: Actor, setting: Setting, rows: Rows) -> HttpResponse:
    _leaves(request, actor, setting, rows)
    people = papers.worked_with(actor, [r["learner_id"] for r in rows])
    ids = [person.id for person in people]
    audit.opened_together(by=actor, learner_ids=ids, what="profile as PDF")
    return as_file(papers.profiles(actor, people, f"Profiles: {setting}"), "profiles")


def _leaves(request: HttpRequest, actor: Actor, setting: Setting, rows: Rows) -> None:
    """Much leaves at once: after showing again who one is, and with a line in the log."""
    step_up(request)
    audit.event(
        by=actor,
        action="register taken out",
        subject_kind="setting",
        subject_id=setting.id,
        detail={"learners": len(rows)},
    )


def _file(content: bytes, content_type: str, ending: str) -> HttpResponse:
    name = f"register-{clock.today():%Y-%m-%d}.{ending}"
    disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=content_type, headers=disposition)


def _table(
    request: HttpRequest, actor: Actor, setting: Setting, rows: Rows
) -> tuple[list[str], list[list[Cell]]]:
    """The list as it leaves."""
    _leaves(request, actor, setting, rows)
    grid = framework.published()
    names = {level.code: level.name for level in grid.levels}
    header = ["Given name", "Family name", "Year", "Class", *(a.short_name for a in grid.areas)]
    header += ["EHC plan", "Since", "Review due", "Last signed off", "Supports", "Census code"]
    header += ["Date of birth", "UPN"]
    return header, [[*_cells(row, grid, names)] for row in rows]


def _cells(row: dict[str, Any], grid: framework.Grid, names: dict[str, str]) -> list[Cell]:
    signed = row["last_signed"]
    return [
        row["learner__known_given"],
        row["learner__known_family"],
        year_group_label(row["year"]),
        row["class_name"],
        *(names.get(row["levels"].get(a.code, {}).get("level", ""), "") for a in grid.areas),
        "Yes" if row["has_plan"] else "",
        row["starts_on"],
        row["due_on"],
        signed.date() if signed else None,
        row["supports"],
        row["census"],
        row["born"],
        row["upn"],
    ]


ACTS: dict[str, Callable[[HttpRequest, Actor, Setting, Rows], HttpResponse]] = {
    "open reviews": _open_reviews,
    "ask for views": _ask_for_views,
    "profiles": _profiles,
    "csv": _as_csv,
    "xlsx": _as_xlsx,
}


@require_POST
def save_view(request: HttpRequest) -> HttpResponse:
    """Keep what the address shows under a name, or take a view out."""
    actor, setting_id = at_register(request)
    query = request.GET.urlencode()
    if "drop" in request.POST:
        saved_views.drop_view(by=actor, view_id=posted_key(request, "drop"))
    else:
        name = request.POST.get("name", "")
        view = saved_views.save_view(by=actor, setting_id=setting_id, name=name, query=query)
        messages.success(request, f"Kept as “{view.name}”.")
    return redirect(f"/register/?{query}")


def turnover(request: HttpRequest) -> HttpResponse:
    """Who is new, who left and why, who is also here."""
    actor, setting_id = at_register(request)
    setting = Setting.objects.select_related("local_area").get(pk=setting_id)
    now = calendar.term_on(clock.today(), setting)
    found = registers.turnover(actor, setting_id, now.starts_on)
    shown = {e.learner_id for e in [*found.new, *found.left, *found.also_here]}
    audit.listed(by=actor, learner_ids=shown, what="register")
    context = {"setting": setting, "term": now, "found": found}
    return render(request, "senco/register_turnover.html", context)


def census(request: HttpRequest) -> HttpResponse:
    """Where the census codes that the setting decided differ from its register."""
    actor, setting_id = at_register(request)
    rows = registers.census_differences(actor, setting_id)
    audit.listed(by=actor, learner_ids={r["learner_id"] for r in rows}, what="census codes")
    return render(request, "senco/register_census.html", {"rows": rows})
