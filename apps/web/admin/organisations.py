"""Settings of the service, for administrators."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.views.decorators.http import require_POST

from apps.access import policy, selectors
from apps.common.exceptions import InvalidTransition, NotVisible
from apps.settings.models import LocalArea, Setting, SettingGroup
from apps.settings.selectors import successor_of, with_urn
from apps.transitions.actions import succession
from apps.web import first
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
    context = {
        "settings": rows[:SHOWN],
        "words": words,
        "shown": SHOWN,
        "others": selectors.find_others(words, SHOWN) if words else [],
        "left_behind": selectors.left_behind(),
        "inbox": first.told_on("organisations", cast(Visit, request).actor),
    }
    return render(request, "admin/organisations.html", context)


def one(request: HttpRequest, setting_id: UUID) -> HttpResponse:
    """A setting's people, and its successor if it has one."""
    policy.check_is_administrator(cast(Visit, request).actor)
    return people_of(request, _setting(setting_id))


def area(request: HttpRequest, local_area_id: UUID) -> HttpResponse:
    """A local area's people."""
    return _others(request, LocalArea.objects.filter(pk=local_area_id).first())


def group(request: HttpRequest, setting_group_id: UUID) -> HttpResponse:
    """A trust's or federation's people."""
    return _others(request, SettingGroup.objects.filter(pk=setting_group_id).first())


def _others(request: HttpRequest, place: LocalArea | SettingGroup | None) -> HttpResponse:
    policy.check_is_administrator(cast(Visit, request).actor)
    if place is None:
        raise NotVisible
    return people_of(request, place)


def service(request: HttpRequest) -> HttpResponse:
    """The service's own people: administrators and the National Institute's editors."""
    policy.check_is_administrator(cast(Visit, request).actor)
    return people_of(request, None)


@require_POST
def succeed(request: HttpRequest, setting_id: UUID) -> HttpResponse:
    """Pass everything of a setting to the successor that GIAS names."""
    actor = cast(Visit, request).actor
    policy.check_is_administrator(actor)
    old = _setting(setting_id)
    new = successor_of(old)
    if new is None:
        raise InvalidTransition("GIAS names no single successor of this setting.")
    count = succession.succeed(by=actor, old=old, new=new)
    messages.success(
        request, f"{count} learner{pluralize(count)} and everyone's roles are now at {new}."
    )
    return redirect("organisation", new.id)


def _setting(setting_id: UUID) -> Setting:
    setting = Setting.objects.filter(pk=setting_id).first()
    if setting is None:
        raise NotVisible
    return setting
