"""What the frame of every page needs."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest


def page(request: HttpRequest) -> dict[str, Any]:
    """The service's name and the person's navigation; no query."""
    actor = getattr(request, "actor", None)
    return {"actor": actor}
