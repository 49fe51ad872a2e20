"""Figures: how many, at which level of need, reviewed or not yet; and no learner."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import NotVisible
from apps.framework import selectors as framework
from apps.partnerships import figures
from apps.reviews import registers
from apps.settings.models import Setting
from apps.web import first
from apps.web.guards import Visit, organisation
from apps.web.presenters import bars


def page(request: HttpRequest) -> HttpResponse:
    """One page, printable: the grid, its numbers as a table, and setting by setting."""
    visit = cast(Visit, request)
    places = figures.places_of(visit.actor)
    wanted = {str(key): key for key in places}.get(request.GET.get("of", ""))
    place = wanted or organisation(visit, list(places))
    found = figures.of_place(visit.actor, place)
    grid = framework.published()
    context = {
        "figures": found,
        "grid": grid,
        "counts": found.grid(grid),
        "others": {key: name for key, name in places.items() if key != place},
        "opened": _opened(visit),
        "inbox": first.told_on("figures", visit.actor),
    }
    return render(request, "partnership/figures.html", context)


def _opened(visit: Visit) -> list[Setting]:
    """The settings that have opened their records to this person's roles."""
    keys = {key for place in visit.actor.places for key in place.opened}
    return list(Setting.objects.filter(pk__in=keys).order_by("name")) if keys else []


def opened_register(request: HttpRequest, setting_id: UUID) -> HttpResponse:
    """The register of a setting that has opened its records, a line a learner."""
    actor = cast(Visit, request).actor
    if not actor.may(Permission.READ_OPENED):
        raise NotVisible
    setting = next((s for s in _opened(cast(Visit, request)) if s.id == setting_id), None)
    if setting is None:
        raise NotVisible
    actor = actor.through(setting_id)
    rows = registers.current_entries(actor, setting_id).select_related("learner")
    entries = list(rows.order_by("learner__name_key", "id"))
    audit.listed(by=actor, learner_ids=[e.learner_id for e in entries], what="register")
    grid = framework.published()
    context = {
        "setting": setting,
        "rows": [{"entry": e, "bars": bars(grid, e.levels)} for e in entries],
        "grid": grid,
        "opened": True,
    }
    return render(request, "partnership/register.html", context)
