"""The only place that turns what goes wrong into RFC 9457 problem details."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions
from rest_framework.response import Response

from apps.common.exceptions import (
    DomainError,
    Invalid,
    InvalidTransition,
    NotVisible,
    Refused,
    Stale,
)
from apps.lives import selectors as lives

MEDIA_TYPE = "application/problem+json"
STATUS: dict[type[DomainError], int] = {
    NotVisible: 404,
    Refused: 403,
    InvalidTransition: 409,
    Stale: 412,
    Invalid: 400,
}


class VersionNeeded(exceptions.APIException):
    """A write that does not say which version it was made on."""

    status_code = HTTPStatus.PRECONDITION_REQUIRED
    default_code = "version-needed"
    default_detail = "Send If-Match with the ETag of what you read, so that nobody is overwritten."


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """An `application/problem+json` response with the domain's sentence.

    A refusal rolls the request's transaction back and is logged, as on a page.
    """
    if isinstance(error, DomainError):
        if isinstance(error, NotVisible) and (goes_on := _goes_on(context)):
            return problem(HTTPStatus.GONE, "joined", f"This record goes on as {goes_on}.")
        context["request"]._request.refusal = str(error)
        status = next(s for kind, s in STATUS.items() if isinstance(error, kind))
        fields = error.fields if isinstance(error, Invalid) else {}
        return problem(status, error.code, str(error), fields)
    error = _as_ours(error)
    if isinstance(error, exceptions.ValidationError):
        return problem(
            400, "invalid", "There is a problem with what you sent.", _flat(error.detail)
        )
    if isinstance(error, exceptions.APIException):
        code = error.get_codes()
        response = problem(
            error.status_code,
            str(code if isinstance(code, str) else error.default_code).replace("_", "-"),
            str(error.detail),
        )
        if header := getattr(error, "auth_header", None):
            response["WWW-Authenticate"] = header
        return response
    return None


def _as_ours(error: Exception) -> Exception:
    """What Django and Python raise, as the API's framework would."""
    if isinstance(error, Http404):
        return exceptions.NotFound(str(NotVisible()))
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return exceptions.ParseError("This is far too large. Send less at once.")
    if isinstance(error, RecursionError):
        return exceptions.ParseError("This JSON is nested far too deep.")
    return error


def _goes_on(context: dict[str, Any]) -> UUID | None:
    """Where the record of an address was joined to another that this client may read."""
    learner_id = context["view"].kwargs.get("learner_id")
    return lives.joined_into(learner_id) if learner_id else None


@csrf_exempt
def nowhere(request: HttpRequest, unknown: str) -> JsonResponse:
    """An address under the API that is none: a problem like any other, and no page."""
    return plain_problem(404, "not-found", str(NotVisible()))


def plain_problem(status: int, code: str, detail: str) -> JsonResponse:
    """A problem from outside a view of the API."""
    body = problem(status, code, detail).data
    return JsonResponse(body, status=status, content_type=MEDIA_TYPE)


def problem(status: int, code: str, detail: str, fields: dict[str, str] | None = None) -> Response:
    """A problem; `errors` maps a field to its sentence, where fields are at fault."""
    body: dict[str, Any] = {
        "type": f"/api/v1/docs/#problem-{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "code": code,
        "detail": detail,
    }
    if fields:
        body["errors"] = fields
    return Response(body, status=status, content_type=MEDIA_TYPE)


def _flat(detail: Any, path: str = "") -> dict[str, str]:
    """Field → sentence, nested fields by their path ("evidence.0.what")."""
    if isinstance(detail, dict):
        items = [(f"{path}.{k}" if path else str(k), v) for k, v in detail.items()]
    elif isinstance(detail, list) and any(isinstance(d, dict) for d in detail):
        items = [(f"{path}.{n}" if path else str(n), d) for n, d in enumerate(detail) if d]
    elif isinstance(detail, list):
        return {path or "body": " ".join(str(d) for d in detail)}
    else:
        return {path or "body": str(detail)}
    return {k: v for key, value in items for k, v in _flat(value, key).items()}
