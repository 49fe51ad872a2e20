"""The request's one transaction, and the context inside it.

ATOMIC_REQUESTS ends before a template is rendered; ours wraps session, user, view and rendering,
so that everything a page shows was read under one context.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.views.defaults import server_error

from apps.access import asking, grants, rls
from apps.audit import record
from apps.common import clock

GetResponse = Callable[[HttpRequest], HttpResponse]


class RequestTransactionMiddleware:
    """One transaction per request; rolled back on an error or a refusal, which is then logged.

    A page that read what is a learner's and asked no policy is an error (`access.asking`).
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Run the request inside a transaction."""
        request.refusal = None  # type: ignore[attr-defined]
        try:
            with transaction.atomic(), asking.watching() as watch:
                response = self.get_response(request)
                if watch.broken and response.status_code < HTTPStatus.BAD_REQUEST:
                    response = self._shut(request, watch)
                if response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR or request.refusal:  # type: ignore[attr-defined]
                    transaction.set_rollback(True)
                elif connection.savepoint_ids:
                    rls.clear_context()
        finally:
            clock.set_shift(0)
        if request.refusal:  # type: ignore[attr-defined]
            self._log_refusal(request)
        return response

    def _shut(self, request: HttpRequest, watch: asking.Watch) -> HttpResponse:
        match = request.resolver_match
        asking.alarm.error(
            "%s read %s and asked no policy: nothing was shown.",
            match.view_name if match else request.path,
            watch.touched,
        )
        return server_error(request)

    def _log_refusal(self, request: HttpRequest) -> None:
        match = request.resolver_match
        record.event(
            by=getattr(request, "actor", grants.NOBODY),
            action="refused",
            subject_kind="page",
            subject_id=None,
            detail={
                "view": match.view_name if match else "",
                "why": request.refusal,  # type: ignore[attr-defined]
            },
        )


class ContextMiddleware:
    """Works out who is asking and tells the database, once per request."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set `request.actor` and the database's context."""
        if request.user.is_authenticated:
            actor = grants.person(
                request.user.id, request.user.name, clock_may_shift=settings.CLOCK_MAY_SHIFT
            )
            rls.set_context(actor)
        else:
            actor = grants.NOBODY
        request.actor = actor  # type: ignore[attr-defined]
        return self.get_response(request)
