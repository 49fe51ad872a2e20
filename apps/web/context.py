"""What the frame of every page needs: the person and where they can go. No query."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from apps.access.grants import Actor
from apps.access.permissions import Permission

# (permission, text, name of the URL); shown to whoever may, wherever they may.
_MENU = [
    (Permission.KEEP_REGISTER, "Home", "home"),
    (Permission.SEE_REGISTER, "Register", "register"),
    (Permission.KEEP_REGISTER, "Reviews", "reviews"),
    (Permission.SEE_REGISTER, "Provision", "provision"),
    (Permission.KEEP_REGISTER, "Moves", "moves"),
    (Permission.CONTRIBUTE, "My classes", "my-classes"),
    (Permission.IMPORT, "Add learners", "imports"),
    (Permission.TAKE_REFERRALS, "Referred to me", "referred"),
    (Permission.SEE_LOOKED_AFTER, "Looked after", "looked-after"),
    (Permission.EDIT_FRAMEWORK, "Institute", "institute"),
    (Permission.OVERSEE_AREA, "Local area", "area"),
    (Permission.OVERSEE_AREA, "Moves in the area", "area-moves"),
    (Permission.SEE_FIGURES, "Figures", "figures"),
    (Permission.GUARD_READINGS, "Decisions", "decisions"),
    (Permission.OVERSEE_AREA, "Decisions", "decisions"),
    (Permission.GUARD_READINGS, "Reading", "readings"),
    (Permission.MANAGE_PEOPLE, "People", "people"),
    (Permission.MANAGE_SERVICE, "Organisations", "organisations"),
    (Permission.MANAGE_SERVICE, "Accounts", "accounts"),
    (Permission.MANAGE_SERVICE, "Connected systems", "systems"),
]


def page(request: HttpRequest) -> dict[str, Any]:
    """The actor and their navigation."""
    actor: Actor | None = getattr(request, "actor", None)
    if actor is None or actor.user_id is None:
        switch = settings.DEMO and not settings.SECOND_FACTOR_REQUIRED
        return {"actor": actor, "navigation": _public(request), "demo_switch": switch}
    items = [(text, _href(name)) for need, text, name in _MENU if actor.may(need)]
    if actor.may(Permission.KEEP_REGISTER):
        items = [i for i in items if i[0] != "My classes"]
    if not actor.organisations(Permission.MANAGE_PEOPLE):
        # An administrator's people are those of an organisation.
        items = [i for i in items if i[0] != "People"]
    if not actor.places:
        items = [("Home", _href("family")), ("Messages", _href("family-messages"))]
    items.append(("National Framework", _href("framework")))
    return {"actor": actor, "navigation": _current(request, items)}


@cache
def _href(name: str) -> str:
    """Where a page is; it never moves while we run."""
    return reverse(name)


def _public(request: HttpRequest) -> list[dict[str, Any]]:
    items = [("National Framework", "/framework/"), ("Toolkit", "/toolkit/"), ("About", "/about/")]
    return _current(request, items)


def _current(request: HttpRequest, items: list[tuple[str, str]]) -> list[dict[str, Any]]:
    # A learner's own pages stand under the register that leads to them.
    path = request.path.replace("/learners/", "/register/", 1)
    best = max((h for _, h in items if path.startswith(h)), key=len, default="")
    return [{"text": text, "href": href, "current": href == best} for text, href in items]
