"""An editor's first page: the framework's versions, the toolkit, and the country in figures."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.grants import THE_COUNTRY
from apps.access.permissions import Permission
from apps.common.exceptions import NotVisible
from apps.framework import selectors as framework
from apps.partnerships import figures
from apps.web import first
from apps.web.guards import Visit


def page(request: HttpRequest) -> HttpResponse:
    """What is published and what is on its way, and how the country uses each box."""
    actor = cast(Visit, request).actor
    if not actor.may(Permission.EDIT_FRAMEWORK):
        raise NotVisible
    grid = framework.published()
    found = figures.of_place(actor, THE_COUNTRY)
    context = {
        "versions": framework.all_versions(),
        "guides": len(framework.guides()),
        "figures": found,
        "grid": grid,
        "counts": found.grid(grid),
        "inbox": first.told_on("institute", actor),
    }
    return render(request, "institute/home.html", context)
