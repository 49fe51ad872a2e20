"""Systems connected to the API: what each may do, for whom, until when."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access import clients, policy, selectors
from apps.access.models import ApiClient, ApiClientGrant
from apps.common.exceptions import Invalid, NotVisible
from apps.settings import selectors as organisations
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, form_sent, step_up

_SCOPES = list(cast(dict[str, str], settings.OAUTH2_PROVIDER["SCOPES"]).items())


class ActsForForm(GovukForm):
    """What a system may do, for whom, and until when."""

    scopes = forms.MultipleChoiceField(
        label="What may it do?",
        choices=_SCOPES,
        widget=forms.CheckboxSelectMultiple,
    )
    settings = forms.CharField(
        label="Settings, by URN",
        help_text="One on each line. Each has agreed to what the system may do there.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    local_areas = forms.CharField(
        label="Local areas, by code",
        help_text="One on each line, such as 873.",
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    last_day = DateField(
        label="Last day (optional)", help_text="For example 31 8 2027.", required=False
    )

    def chosen(self) -> dict[str, Any]:
        """What was typed, with the organisations that it names. Raises Invalid for unknown ones."""
        return {
            **self.cleaned_data,
            "settings": organisations.with_urns(self.cleaned_data["settings"].split()),
            "local_areas": organisations.with_codes(self.cleaned_data["local_areas"].split()),
        }


class ConnectForm(ActsForForm):
    """The same, of a system that is new."""

    name = forms.CharField(
        label="Name of the system",
        help_text="As the people of those settings know it: the log names it with each reading.",
        max_length=100,
    )
    starts_on = DateField(label="First day (optional)", required=False)
    field_order = ["name", "scopes", "settings", "local_areas", "starts_on", "last_day"]


def page(request: HttpRequest) -> HttpResponse:
    """Every connected system."""
    policy.check_is_administrator(cast(Visit, request).actor)
    context = {"systems": selectors.systems(), "scopes": dict(_SCOPES)}
    return render(request, "admin/systems.html", context)


def connect(request: HttpRequest) -> HttpResponse:
    """Connect a system; its secret is on the page that follows, and never again."""
    actor = cast(Visit, request).actor
    policy.check_is_administrator(actor)
    if request.method == "POST":
        step_up(request)
    form = ConnectForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            client, secret = clients.connect_system(by=actor, **form.chosen())
        except Invalid as error:
            form.add_domain_error(error)
        else:
            form_sent(request)
            return _secret(request, client, secret)
    return render(request, "admin/connect_system.html", {"form": form})


def one(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """One system: what it may do, and changing that."""
    actor = cast(Visit, request).actor
    policy.check_is_administrator(actor)
    client = _system(client_id)
    grants = clients.current(client)
    if request.method == "POST":
        step_up(request)
    form = ActsForForm(request.POST or None, initial=_as_it_is(client, grants))
    if request.method == "POST" and form.is_valid():
        try:
            clients.change_system(by=actor, client=client, **form.chosen())
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"{client} is changed. It asks for a new token, and goes on.")
            return redirect("system", client_id)
    context = {"form": form, "system": client, "grants": grants, "scopes": dict(_SCOPES)}
    return render(request, "admin/system.html", context)


@require_POST
def renew(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """A new secret; the one before it works no more."""
    actor = cast(Visit, request).actor
    policy.check_is_administrator(actor)
    client = _system(client_id)
    step_up(request)
    return _secret(request, client, clients.renew_secret(by=actor, client=client))


@require_POST
def end(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """A system has no way in any more."""
    actor = cast(Visit, request).actor
    policy.check_is_administrator(actor)
    client = _system(client_id)
    step_up(request)
    clients.end_system(by=actor, client=client)
    messages.success(request, f"{client} has no way in any more.")
    return redirect("systems")


def _system(client_id: UUID) -> ApiClient:
    found = selectors.system(client_id)
    if found is None:
        raise NotVisible
    return found


def _as_it_is(client: ApiClient, grants: list[ApiClientGrant]) -> dict[str, Any]:
    settings_ids = [g.setting_id for g in grants if g.setting_id]
    urns = organisations.with_urn().filter(pk__in=settings_ids).values_list("urn", flat=True)
    last = next((g.last_day for g in grants if g.ends_on), None)
    return {
        "scopes": client.scopes,
        "settings": "\n".join(sorted(urns)),
        "local_areas": "\n".join(sorted(g.local_area.code for g in grants if g.local_area)),
        "last_day": last,
    }


def _secret(request: HttpRequest, client: ApiClient, secret: str) -> HttpResponse:
    return render(request, "admin/system_secret.html", {"system": client, "secret": secret})
