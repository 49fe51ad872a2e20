"""People and roles of a setting: inviting with a one-time code, ending a role."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access import actions, policy, roles, selectors
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.access.selectors import Organisation
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.settings.models import Setting
from apps.settings.selectors import successor_of
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, form_sent, organisation, step_up


class InviteForm(GovukForm):
    """Who is invited, and to which role."""

    name = forms.CharField(label="Full name", max_length=200)
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(label="Role", widget=forms.RadioSelect)
    starts_on = DateField(
        label="First day (optional)",
        help_text="For someone who comes later, or stands in for a while.",
        required=False,
    )
    last_day = DateField(label="Last day (optional)", required=False)

    def __init__(self, *args: Any, held_at: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["role"])
        field.choices = [
            (r.code, f"{r.name}: {r.description}")
            for r in roles.ROLES.values()
            if r.held_at == held_at
        ]
        field.error_messages["required"] = "Choose a role."


def page(request: HttpRequest) -> HttpResponse:
    """The people of a setting, and inviting another."""
    visit = cast(Visit, request)
    places = visit.actor.organisations(Permission.MANAGE_PEOPLE)
    if not places and visit.actor.may(Permission.MANAGE_SERVICE):
        return redirect("organisations")
    return people_of(request, Setting.objects.get(pk=organisation(visit, places)))


def people_of(request: HttpRequest, place: Organisation) -> HttpResponse:
    """The same page for an administrator, at any place, and for a setting itself."""
    actor = cast(Visit, request).actor
    setting = place if isinstance(place, Setting) else None
    policy.check_can_manage_people(actor, setting.id if setting else None)
    held_at = selectors.held_at(place)
    if request.method == "POST":
        step_up(request)
    form = InviteForm(request.POST or None, held_at=held_at)
    code = ""
    if request.method == "POST" and form.is_valid():
        try:
            invitation, code = actions.invite_staff(
                by=actor, **selectors.at(place), **form.cleaned_data
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            form_sent(request)
            messages.success(request, f"{invitation.name} is invited.")
            form = InviteForm(held_at=held_at)
    manages_service = actor.may(Permission.MANAGE_SERVICE)
    context = {
        "setting": setting,
        "place": place or "The service",
        "people": selectors.people_of(place),
        "invited": selectors.invited_to(place),
        "form": form,
        "invites": policy.can_invite(actor, setting.id if setting else None),
        "code": code,
        "successor": successor_of(setting) if setting and manages_service else None,
        "opens_records": setting and actor.may(Permission.MANAGE_PEOPLE, setting.id),
        "today": clock.today(),
    }
    return render(request, "admin/people.html", context)


@require_POST
def cancel(request: HttpRequest, invitation_id: UUID) -> HttpResponse:
    """A code that nobody can use any more."""
    actor = cast(Visit, request).actor
    invitation = selectors.open_invitation(invitation_id)
    if invitation is None:
        raise NotVisible
    actions.cancel_invitation(by=actor, invitation=invitation)
    messages.success(request, f"The code of {invitation.name} works no longer.")
    return _back(actor, invitation.place)


def end(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    """Say what ending a role does; end it, true at once."""
    actor = cast(Visit, request).actor
    membership = selectors.membership(membership_id)
    if membership is None:
        raise NotVisible
    policy.check_can_manage_people(actor, membership.setting_id)
    if request.method != "POST":
        return render(request, "admin/end_role.html", {"membership": membership})
    step_up(request)
    policy.check_can_manage_people(actor, membership.setting_id)
    actions.end_membership(by=actor, membership=membership)
    messages.success(request, f"{membership.user} no longer has that role.")
    return _back(actor, membership.place)


# The page of a place's people, for an administrator.
_PAGES = {
    "setting": "organisation",
    "setting_group": "group-people",
    "local_area": "area-people",
    "service": "service-people",
}


def _back(actor: Actor, place: Organisation) -> HttpResponse:
    if not actor.may(Permission.MANAGE_SERVICE):
        return redirect("people")
    return redirect(_PAGES[selectors.held_at(place)], *([place.id] if place else []))
