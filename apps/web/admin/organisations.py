"""Settings of the service, for administrators."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access import policy
from apps.common.exceptions import NotVisible
from apps.settings.models import Setting
from apps.settings.selectors import with_urn
from apps.web.admin.people import people_of
from apps.web.guards import Visit

SHOWN = 50


def page(request: HttpRequest) -> HttpResponse:
    """Find a setting by name or URN."""
    policy.check_is_administrator(cast(Visit, request).actor)
    words = request.GET.get("words", "")[:80].strip()
    rows = with_urn().select_related("local_area").order_by("name")
    if words:
        rows = rows.filter(urn=words) if words.isdigit() else rows.filter(name__icontains=words)
    context = {"settings": rows[:SHOWN], "words": words, "shown": SHOWN}
    return render(request, "admin/organisations.html", context)


def one(request: HttpRequest, setting_id: UUID) -> HttpResponse:
    """A setting's people."""
    policy.check_is_administrator(cast(Visit, request).actor)
    setting = Setting.objects.filter(pk=setting_id).first()
    if setting is None:
        raise NotVisible
    return people_of(request, setting)
