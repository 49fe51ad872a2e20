"""The scripts' way to keep, fetch and forget what somebody has typed and not sent."""

from __future__ import annotations

import json
from typing import cast

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from apps.accounts import unsent
from apps.common.exceptions import Invalid
from apps.web.guards import Visit


@require_POST
def unsent_form(request: HttpRequest) -> HttpResponse:
    """Keep (`fields`), forget (`forget`) or give what is kept for `page`: JSON in, JSON out."""
    person = cast(Visit, request).actor.key
    try:
        sent = json.loads(request.body)
        page = str(sent["page"])
        fields = sent.get("fields")
        forgets = bool(sent.get("forget"))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Invalid("This is not what a page of ours sends.") from None
    if forgets:
        unsent.forget(user_id=person, page=page)
    elif isinstance(fields, dict):
        unsent.keep(user_id=person, page=page, fields=fields)
    elif found := unsent.kept(user_id=person, page=page):
        at = timezone.localtime(found.saved_at)
        return JsonResponse({"fields": found.fields, "saved": f"{at:%-d %B at %H:%M}"})
    return JsonResponse({})
