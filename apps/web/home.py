"""The first page after signing in: it sends each person to theirs."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.access.permissions import Right
from apps.common.exceptions import NotVisible
from apps.notifications.actions import mark_read
from apps.web import first
from apps.web.guards import Visit
from apps.web.senco import home as senco_home


def home(request: HttpRequest) -> HttpResponse:
    """A SENCO's home is here; others are sent to the page that is their first."""
    actor = cast(Visit, request).actor
    page = first.page_of(actor)
    return senco_home.page(cast(Visit, request)) if page == "home" else redirect(page)


@require_POST
def choose_organisation(request: HttpRequest) -> HttpResponse:
    """Work for another of one's organisations from now on."""
    wanted = request.POST.get("organisation", "")
    places = cast(Visit, request).actor.places
    if wanted not in {str(p.organisation_id) for p in places if p.organisation_id}:
        raise NotVisible
    request.session["organisation"] = wanted
    return redirect("home")


@require_POST
def put_away(request: HttpRequest) -> HttpResponse:
    """Put a message away."""
    actor = cast(Visit, request).actor
    try:
        wanted = [UUID(value) for value in request.POST.getlist("message")]
    except ValueError:
        raise NotVisible from None
    mark_read(recipients=actor.reaching(Right.READ), ids=wanted)
    return redirect(reverse("home"))
