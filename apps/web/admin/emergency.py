"""Opening one record in an emergency, for an administrator."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access import policy
from apps.common.exceptions import Invalid
from apps.learners import emergency
from apps.web.forms import GovukForm
from apps.web.guards import Visit, step_up


class EmergencyForm(GovukForm):
    """Whose record, and why."""

    upn = forms.CharField(label="UPN of the learner", max_length=20)
    reason = forms.CharField(
        label="What is the emergency, and what do you need to know?",
        help_text="The setting is told this at once.",
        max_length=500,
        widget=forms.Textarea,
    )


def page(request: HttpRequest) -> HttpResponse:
    """Saying whose record and why; then that record, until the end of the day."""
    actor = cast(Visit, request).actor
    policy.check_is_administrator(actor)
    step_up(request)
    form = EmergencyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            learner_id = emergency.open_in_emergency(by=actor, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            said = "You can read this record until midnight. The setting has been told."
            messages.success(request, said)
            return redirect("record", learner_id)
    return render(request, "admin/emergency.html", {"form": form})
