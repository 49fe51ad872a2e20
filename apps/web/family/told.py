"""What a family was told and asked about each child of theirs, newest first."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.audit import record as audit
from apps.notifications import selectors as notifications
from apps.notifications.actions import mark_read
from apps.reviews import selectors
from apps.web.guards import Visit


def page(request: HttpRequest) -> HttpResponse:
    """The messages about each child; a button says that they are read."""
    actor = cast(Visit, request).actor.as_family()
    mine = [m for m in selectors.children_of(actor) if not m.learner.closed_because]
    told = notifications.told_of(actor.key, [m.learner_id for m in mine])
    audit.listed(by=actor, learner_ids=[m.learner_id for m in mine], what="messages")
    if request.method == "POST":
        mark_read(recipients=[actor.key], ids=[n.id for n in told])
        return redirect("family-messages")
    children = [(m, [n for n in told if n.learner_id == m.learner_id]) for m in mine]
    context = {"children": children, "unread": any(n.read_at is None for n in told)}
    return render(request, "family/messages.html", context)
