"""Only in the demo: a switch on its sign-in page."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.accounts import second_factor
from apps.web.guards import public


@public
@require_POST
def second_step(request: HttpRequest) -> HttpResponse:
    """Ask staff for a second step from now on, or not; for everyone who uses this demo."""
    on = request.POST.get("ask") == "1"
    second_factor.ask_in_the_demo(on)
    said = "now asks staff for a second step" if on else "asks for a password alone again"
    messages.success(request, f"The demo {said}.")
    return redirect("account_login")
