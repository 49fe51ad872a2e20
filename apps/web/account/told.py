"""How soon one is told by e-mail and text message."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.common.exceptions import Invalid
from apps.post import choices
from apps.post.models import Channel, When
from apps.web.forms import GovukForm
from apps.web.guards import Visit


class ToldForm(GovukForm):
    """How soon by each channel that is offered."""

    email = forms.ChoiceField(
        label="By e-mail", choices=When.choices, widget=forms.RadioSelect, required=True
    )
    sms = forms.ChoiceField(
        label="By text message", choices=When.choices, widget=forms.RadioSelect, required=True
    )
    number = forms.CharField(
        label="Your mobile number",
        help_text="Only for text messages. Nobody else is shown it.",
        required=False,
        max_length=30,
        widget=forms.TextInput(
            attrs={"class": "govuk-input--width-20", "autocomplete": "tel", "type": "tel"}
        ),
    )

    def __init__(self, *args: Any, sms_offered: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not sms_offered:
            del self.fields["sms"], self.fields["number"]


def page(request: HttpRequest) -> HttpResponse:
    """What counts now, and choosing anew."""
    actor = cast(Visit, request).actor
    now, offered = choices.of(actor), choices.sms_offered(actor)
    initial = {
        "email": now[Channel.EMAIL].when,
        "sms": now[Channel.SMS].when,
        "number": now[Channel.SMS].number,
    }
    form = ToldForm(request.POST or None, sms_offered=offered, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            choices.choose(by=actor, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "We write to you as you chose.")
            return redirect("choose-messages")
    return render(request, "account/told.html", {"form": form})
