"""The learners whom an authority looks after, for its virtual school head and social workers."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.framework import selectors as framework
from apps.learners import areas
from apps.reviews import selectors
from apps.web import first
from apps.web.guards import Visit, organisation
from apps.web.presenters import bars


def page(request: HttpRequest) -> HttpResponse:
    """Each of them, where they live and learn, their levels and when the review is due."""
    visit = cast(Visit, request)
    area_id = organisation(visit, visit.actor.organisations(Permission.SEE_LOOKED_AFTER))
    held = [p for p in visit.actor.places if p.organisation_id == area_id and p.team_id]
    place = next(p for p in held if Permission.SEE_LOOKED_AFTER in p.role.permissions)
    assert place.team_id
    actor = visit.actor.through(place.team_id)
    found = areas.looked_after(actor, place.team_id)
    inbox = first.told_on("looked-after", actor)
    shown = [f.learner.id for f in found] + [m.learner_id for m in inbox if m.learner_id]
    audit.listed(by=actor, learner_ids=shown, what="looked after")
    grid = framework.published()
    entries = selectors.standing(actor, [f.learner.id for f in found])
    rows = []
    for row in found:
        entry = entries.get(row.learner.id)
        rows.append({"row": row, "entry": entry, "bars": bars(grid, entry.levels) if entry else ""})
    context = {
        "rows": rows,
        "grid": grid,
        "place": place,
        "today": clock.today(),
        "inbox": inbox,
    }
    return render(request, "partnership/looked_after.html", context)
