"""Pages that anyone can read: the framework, the toolkit, what this service is."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.framework import selectors
from apps.framework.selectors import Grid
from apps.rights import retention
from apps.web.guards import Visit, public

PHASES = [
    ("early-years", "Early years"),
    ("primary", "Primary"),
    ("secondary", "Secondary"),
    ("post-16", "Post-16"),
]


@public
def start(request: HttpRequest) -> HttpResponse:
    """The first page of the service."""
    if cast(Visit, request).actor.user_id:
        return redirect("home")
    return render(request, "public/start.html", {"rows": _rows(selectors.published())})


@public
def framework(request: HttpRequest, number: str = "") -> HttpResponse:
    """A version as a grid, each box a link; without a number the published one."""
    grid = selectors.version(number) if number else selectors.published()
    context = {"grid": grid, "rows": _rows(grid), "versions": selectors.all_versions()}
    return render(request, "public/framework.html", context)


@public
def box(request: HttpRequest, number: str, area: str, level: str) -> HttpResponse:
    """One box: its description in three voices, what to expect, the practice guides for it."""
    grid = selectors.version(number)
    descriptor = grid.box(area, level)
    context = {
        "grid": grid,
        "box": descriptor,
        "guides": descriptor.guides.order_by("title"),
        "together": [t for t in selectors.together(grid) if t.starts_at(descriptor)],
        "levels": len(grid.levels),
    }
    return render(request, "public/box.html", context)


@public
def toolkit(request: HttpRequest) -> HttpResponse:
    """The toolkit with search: by words, area, level and phase."""
    grid = selectors.published()
    chosen = {k: request.GET.get(k, "")[:80] for k in ("words", "area", "level", "phase")}
    context = {
        "grid": grid,
        "guides": selectors.guides(**chosen),
        "chosen": chosen,
        "phases": PHASES,
    }
    return render(request, "public/toolkit.html", context)


@public
def guide(request: HttpRequest, code: str) -> HttpResponse:
    """One practice guide."""
    return render(request, "public/guide.html", {"guide": selectors.guide(code)})


@public
def about(request: HttpRequest) -> HttpResponse:
    """What this service is."""
    return render(request, "public/about.html")


@public
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy notice, in words that a 12-year-old can read."""
    return render(request, "public/privacy.html", {"rules": retention.schedule()})


@public
def accessibility(request: HttpRequest) -> HttpResponse:
    """The accessibility statement."""
    return render(request, "public/accessibility.html")


def _rows(grid: Grid) -> list[dict[str, object]]:
    """The grid's rows for the template: an area and its boxes by level."""
    return [
        {"area": a, "boxes": [grid.box(a.code, level.code) for level in grid.levels]}
        for a in grid.areas
    ]
