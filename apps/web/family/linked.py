"""Answering by a link, without an account: a form that shows nothing of the record."""

from __future__ import annotations

from typing import cast

from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.access.grants import Actor
from apps.common.exceptions import Invalid, NotVisible
from apps.reviews.actions import linked
from apps.web.forms import GovukForm
from apps.web.guards import Visit, public


class AnswerForm(GovukForm):
    """Three boxes, none of them compulsory by itself."""

    going_well = forms.CharField(label="What is going well?", widget=forms.Textarea, required=False)
    harder = forms.CharField(
        label="What is harder at the moment?", widget=forms.Textarea, required=False
    )
    would_help = forms.CharField(label="What would help?", widget=forms.Textarea, required=False)
    others_may_see = forms.BooleanField(
        label="Other adults of the family may see what I wrote", required=False
    )


@public
def answer(request: HttpRequest, token: str) -> HttpResponse:
    """The form, the thanks, or that the link works no more: for a wrong one too."""
    if not ratelimit.consume(request, action="answer_by_link"):
        return render(request, "errors/429.html", status=429)
    actor = cast(Visit, request).actor
    try:
        asked = linked.open_link(by=actor, token=token)
        form = AnswerForm(request.POST or None)
        if not asked.family:
            del form.fields["others_may_see"]
        done = asked.answered
        if request.method == "POST" and not done and form.is_valid():
            done = _keep(actor, token, form)
    except NotVisible:
        return render(request, "family/link_over.html", status=404)
    response = render(request, "family/link.html", {"form": form, "asked": asked, "done": done})
    # The address is the right to answer: no page that is linked from here is told it. With nothing
    # told at all a browser would not say that the form is ours, and it would be refused.
    response["Referrer-Policy"] = "strict-origin"
    response["Cache-Control"] = "no-store"
    return response


def _keep(actor: Actor, token: str, form: AnswerForm) -> bool:
    try:
        linked.answer(by=actor, token=token, **form.cleaned_data)
    except Invalid as error:
        form.add_domain_error(error)
        return False
    return True
