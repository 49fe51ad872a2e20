"""A setting's own phrases: looked through, added, taken out."""

from __future__ import annotations

from typing import cast

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.permissions import Permission
from apps.common.exceptions import Invalid
from apps.reviews.actions import phrases
from apps.reviews.models import Kind
from apps.web.forms import GovukForm
from apps.web.guards import Visit, organisation, posted_key


class PhraseForm(GovukForm):
    """Words to keep, and for what."""

    kind = forms.ChoiceField(
        label="For", choices=[(k.value, k.label) for k in Kind if k != Kind.NEED]
    )
    text = forms.CharField(
        label="The words",
        max_length=phrases.LONGEST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="They name nobody: anyone here uses them for any learner.",
    )


def page(request: HttpRequest) -> HttpResponse:
    """Every phrase of the setting by what it is for; add one, or take one out."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.KEEP_REGISTER))
    actor = visit.actor.at(setting_id)
    if request.method == "POST" and "drop" in request.POST:
        phrases.drop_phrase(by=actor, setting_id=setting_id, phrase_id=posted_key(request, "drop"))
        return redirect("phrases")
    form = PhraseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            phrases.keep_phrase(by=actor, setting_id=setting_id, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            return redirect("phrases")
    context = {"form": form, "phrases": phrases.all_phrases(setting_id)}
    return render(request, "senco/phrases.html", context)
