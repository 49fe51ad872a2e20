"""Records that the setting held before, as they stood when it passed them on."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import NotVisible
from apps.reviews import held
from apps.reviews.registers import PAGE
from apps.rights import selectors as rights
from apps.web.guards import Visit


def page(request: HttpRequest) -> HttpResponse:
    """Whose records they were, and until when."""
    actor = cast(Visit, request).actor
    if not actor.organisations(Permission.SEE_REGISTER):
        raise NotVisible
    rows = held.held_before(actor, request.GET.get("after", ""))
    more = f"?after={rows[PAGE - 1].key}" if len(rows) > PAGE else ""
    rows = rows[:PAGE]
    audit.listed(by=actor, learner_ids=[r.learner_id for r in rows], what="records held before")
    return render(request, "senco/held.html", {"rows": rows, "more": more})


def one(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """One of them, as it stood."""
    actor = cast(Visit, request).actor
    found = held.held_record(actor, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="record held before")
    context = {
        "review": found.review,
        "statements": found.statements,
        "held": found,
        "resealed": rights.resealed(found.review.id),
    }
    return render(request, "senco/past.html", context)
