"""Opening a setting's records to its trust's or area's own people, and shutting them again."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access import openings, policy
from apps.access.models import Opening
from apps.access.permissions import Permission
from apps.common.exceptions import Invalid, NotVisible
from apps.settings.models import Setting
from apps.web.forms import GovukForm
from apps.web.guards import Visit, organisation, step_up


class OpeningForm(GovukForm):
    """To whom, and why."""

    to = forms.ChoiceField(label="Open the records to", widget=forms.RadioSelect)
    why = forms.CharField(
        label="Why do they need to read them?",
        help_text="For example: supports the setting with assessments this year.",
        max_length=300,
    )

    def __init__(self, *args: Any, setting: Setting, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.ChoiceField, self.fields["to"])
        choice.choices = [(str(p.id), str(p)) for p in openings.possible(setting)]
        choice.error_messages["required"] = "Choose to whom the records are opened."


def page(request: HttpRequest) -> HttpResponse:
    """What is open now and was before, who would read it, and opening."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.MANAGE_PEOPLE))
    actor = visit.actor.at(setting_id)
    policy.check_can_open_records(actor, setting_id)
    setting = Setting.objects.select_related("group", "local_area").get(pk=setting_id)
    if request.method == "POST":
        step_up(request)
    form = OpeningForm(request.POST or None, setting=setting)
    if request.method == "POST" and form.is_valid():
        to_id, why = UUID(form.cleaned_data["to"]), form.cleaned_data["why"]
        try:
            opening = openings.open_records(by=actor, setting=setting, to_id=to_id, why=why)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"The records are open to {opening} from now.")
            return redirect("openings")
    readers = openings.readers(setting)
    found = openings.of_setting(actor, setting_id)
    context = {
        "setting": setting,
        "form": form,
        "open": [o for o in found if openings.runs(o)],
        "shut": [o for o in found if not openings.runs(o)],
        "readers": [(place, readers.get(place.id, [])) for place in openings.possible(setting)],
    }
    return render(request, "admin/openings.html", context)


@require_POST
def end(request: HttpRequest, opening_id: UUID) -> HttpResponse:
    """Shut the records again, true at once."""
    actor = cast(Visit, request).actor
    opening = Opening.objects.filter(pk=opening_id).first()
    if opening is None:
        raise NotVisible
    openings.end(by=actor.at(opening.setting_id), opening=opening)
    messages.success(request, f"{opening} can no longer read the records.")
    return redirect("openings")
