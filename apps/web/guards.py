"""The only place that turns what the domain refuses into pages."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib.auth.views import redirect_to_login
from django.db.models import Exists
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.accounts import second_factor, unsent
from apps.common.exceptions import (
    DomainError,
    Invalid,
    InvalidTransition,
    NotVisible,
    PurposeNeeded,
    Refused,
    Stale,
)
from apps.learners import selectors as learners
from apps.learners.policy import check_can_hold
from apps.learners.selectors import Sight
from apps.lives import selectors as lives
from apps.reviews import policy as reviews_policy
from apps.settings.models import Setting

STATUS: dict[type[DomainError], int] = {
    NotVisible: 404,
    Refused: 403,
    InvalidTransition: 409,
    Stale: 409,
    Invalid: 400,
}


class Visit(HttpRequest):
    """A request as our middleware leaves it, for type checkers: it has an actor."""

    actor: Actor
    refusal: str | None


class GuardMiddleware:
    """Sends strangers to sign in, and shows a refusal as a page that helps.

    Every view says who it is for: `public`, or through `apps.web.urls`' audiences. A view without a
    declaration is for signed-in people only.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on; words that were sent need not be kept any longer."""
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.user.is_authenticated:
            return _not_this_way(request, response)
        moved_on = request.method == "POST" and response.status_code == HTTPStatus.FOUND
        sent = moved_on or getattr(request, "form_sent", False)
        actor = getattr(request, "actor", None)
        if sent and actor and actor.person_id:
            unsent.sent(user_id=actor.person_id, path=request.path, values=request.POST)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Ask strangers to sign in, and staff for a second factor, before what is not public."""
        if getattr(view, "public", False) or view.__module__.startswith(OPEN_MODULES):
            return None
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        staff = bool(cast(Visit, request).actor.places)
        if staff and second_factor.required() and not second_factor.shown(request):
            return redirect("/second-step/?needed=1")
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show a refusal; the transaction is rolled back and the refusal logged."""
        if not isinstance(error, DomainError):
            return None
        if isinstance(error, NotVisible) and (goes_on := _goes_on(request)):
            context = {"learner_id": goes_on, "family": not cast(Visit, request).actor.places}
            return render(request, "errors/joined.html", context)
        if isinstance(error, PurposeNeeded):
            missing = request.method == "POST"
            context = {"purposes": reviews_policy.PURPOSES.items(), "missing": missing}
            return render(request, "partnership/purpose.html", context)
        request.refusal = str(error)  # type: ignore[attr-defined]
        status = STATUS[type(error)]
        return render(request, f"errors/{status}.html", {"message": str(error)}, status=status)


def _not_this_way(request: HttpRequest, refused: HttpResponseNotAllowed) -> HttpResponse:
    """An address that only takes what is sent, opened: as after signing in again."""
    page = render(request, "errors/405.html", status=HTTPStatus.METHOD_NOT_ALLOWED)
    page.headers["Allow"] = refused.headers["Allow"]
    return page


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the sign that it is ours: most often one left open over a sign-out."""
    message = (
        "This page was open for too long, or you have signed out meanwhile. Go back, load the page "
        "anew and send it again: what you typed is kept if you were signed in."
    )
    return render(request, "errors/403.html", {"message": message}, status=403)


def _goes_on(request: HttpRequest) -> UUID | None:
    """Where the record of an address was joined to another that this person may read."""
    match = request.resolver_match
    learner_id = match.kwargs.get("learner_id") if match and request.method == "GET" else None
    return lives.joined_into(learner_id) if learner_id else None


# Packages whose own views decide who may come in: sign-in, the API and its tokens.
OPEN_MODULES = ("allauth.", "apps.api.", "oauth2_provider.", "drf_spectacular.", "rest_framework.")


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Mark a view as open to anyone."""
    view.public = True  # type: ignore[attr-defined]
    return view


def reader(request: HttpRequest, learner_id: UUID, **also: Exists) -> tuple[Actor, Sight]:
    """Whoever opens a learner's record, and how they see it; `also` as for `learners.sight`.

    They act in the role that lets them, and the log says so. An officer says why, each time: the
    page asks and posts the answer to the same address.
    """
    actor = cast(Visit, request).actor
    seen = learners.sight(actor, learner_id, **also)
    return reviews_policy.reading(actor, seen, request.POST.get("purpose", "")), seen


def at_keeper(request: HttpRequest, learner_id: UUID) -> tuple[Actor, Sight, Setting]:
    """Whoever keeps registers, at the setting that keeps this learner's record; how they see it.

    What they begin is that setting's, whichever of theirs the pages work for at the moment. Raises
    NotVisible, Refused, and InvalidTransition where no setting keeps it.
    """
    actor = cast(Visit, request).actor
    if not actor.organisations(Permission.KEEP_REGISTER):
        raise NotVisible
    check_can_hold(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    setting = learners.keeper(learner_id)
    if setting is None:
        raise InvalidTransition("No setting keeps this record now.")
    return actor.at(setting.id), seen, setting


def step_up(request: HttpRequest) -> None:
    """Ask whoever signed in a while ago to show who they are again; what they sent then goes on.

    For what does most harm in the wrong hands: giving a role, exporting, opening in an emergency.
    """
    sent_with = request.GET
    try:
        _shown_again(request)
    except ReauthenticationRequired:
        if request.method == "POST":
            # The library finds what was sent by its path alone, and keeps GET beside it.
            request.META["QUERY_STRING"] = ""
            request.GET = sent_with
        raise


@reauthentication_required  # type: ignore[untyped-decorator]
def _shown_again(request: HttpRequest) -> None:
    """Raises ReauthenticationRequired."""


def form_sent(request: HttpRequest) -> None:
    """Say that a form did its work though the answer is a page: its words are kept no longer."""
    request.form_sent = True  # type: ignore[attr-defined]


def posted_key(request: HttpRequest, name: str) -> UUID:
    """A key from a form; raises NotVisible when it is none."""
    try:
        return UUID(request.POST.get(name, ""))
    except ValueError:
        raise NotVisible from None


def organisation(request: Visit, wanted: list[UUID]) -> UUID:
    """The organisation that a page works for: the one chosen for this sign-in, or the first.

    Raises NotVisible when the person has no such role anywhere.
    """
    if not wanted:
        raise NotVisible
    chosen = request.session.get("organisation")
    return next((i for i in wanted if str(i) == chosen), wanted[0])
