"""The officer's pages: registers by setting, moves, exceptions first."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.framework import selectors as framework
from apps.learners.due import family_tasks
from apps.lives import selectors as lives
from apps.partnerships import selectors
from apps.transitions import selectors as transitions
from apps.web import first
from apps.web.guards import Visit
from apps.web.presenters import bars, count_grid
from apps.web.senco.joining import pairs_shown


def area(request: HttpRequest) -> HttpResponse:
    """The local area at a glance: figures, the grid, registers by setting."""
    actor = cast(Visit, request).actor
    grid = framework.published()
    registers = selectors.registers(actor)
    late = [m for m in transitions.in_area(actor) if transitions.lateness(m)]
    held = selectors.held(actor)
    inbox = first.told_on("area", actor, actor.organisations(Permission.OVERSEE_AREA))
    tasks = [task for key in selectors.areas_of(actor) for task in family_tasks(actor, key)]
    shown = {e.learner_id for e in held} | {task.learner.id for task in tasks}
    shown |= {m.learner_id for m in inbox if m.learner_id}
    audit.listed(by=actor, learner_ids=shown, what="held by the area")
    context = {
        "registers": registers.settings,
        "grid": grid,
        "counts": count_grid(grid, registers.levels),
        "total": sum(r.on_register for r in registers.settings),
        "overdue": sum(r.overdue for r in registers.settings),
        "late": len(late),
        "inbox": inbox,
        "held": [{"entry": e, "bars": bars(grid, e.levels)} for e in held],
        "families": tasks,
        "today": clock.today(),
    }
    return render(request, "partnership/area.html", context)


def moves(request: HttpRequest) -> HttpResponse:
    """Moves from and to the area's settings; those that need help come first."""
    actor = cast(Visit, request).actor
    selectors.areas_of(actor)
    rows = [(m, transitions.lateness(m)) for m in transitions.in_area(actor)]
    rows.sort(key=lambda row: (not row[1], row[0].starts_on))
    audit.listed(by=actor, learner_ids=[m.learner_id for m, _ in rows], what="moves in the area")
    only_late = "late" in request.GET
    shown = [row for row in rows if row[1]] if only_late else rows
    context = {"rows": shown, "only_late": only_late, "late": sum(bool(w) for _, w in rows)}
    return render(request, "partnership/moves.html", context)


def residents(request: HttpRequest) -> HttpResponse:
    """Learners who live in the area and are on a register in another."""
    actor = cast(Visit, request).actor
    entries = selectors.residents_elsewhere(actor)
    audit.listed(by=actor, learner_ids=[e.learner_id for e in entries], what="residents elsewhere")
    grid = framework.published()
    rows = [{"entry": e, "bars": bars(grid, e.levels)} for e in entries]
    return render(request, "partnership/residents.html", {"rows": rows, "grid": grid})


def register(request: HttpRequest, setting_id: UUID) -> HttpResponse:
    """One setting's register, a line a learner."""
    actor = cast(Visit, request).actor
    setting, entries = selectors.register_of(actor, setting_id)
    audit.listed(by=actor, learner_ids=[e.learner_id for e in entries], what="register")
    grid = framework.published()
    context = {
        "setting": setting,
        "rows": [{"entry": e, "bars": bars(grid, e.levels)} for e in entries],
        "grid": grid,
    }
    return render(request, "partnership/register.html", context)


def duplicates(request: HttpRequest) -> HttpResponse:
    """Pairs across the area's settings that may be one child: the area's cases to look at."""
    actor = cast(Visit, request).actor
    selectors.areas_of(actor)
    return render(
        request, "senco/duplicates.html", pairs_shown(actor, lives.duplicates_in_area(actor))
    )
