"""Which authority looks after a learner: said by whoever keeps the record."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.audit import record as audit
from apps.learners import areas, policy
from apps.learners import selectors as learners
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.presenters import banner
from apps.web.senco.places import AreaField


class LookedAfterForm(GovukForm):
    """The responsible authority, or none."""

    authority = AreaField(
        label="Local authority that looks after the child",
        help_text="The one with the care order or agreement, wherever the child lives and learns.",
        empty_label="None: not looked after",
        required=False,
        error_messages={"invalid_choice": "Choose a local area from the list."},
    )


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Who looks after the learner now, what that authority may read, and changing it."""
    actor = cast(Visit, request).actor
    policy.check_can_hold(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    actor = actor.through(seen.through)
    learner = seen.learner
    audit.opened(by=actor, learner_id=learner_id, what="who looks after the learner")
    form = LookedAfterForm(request.POST or None, initial={"authority": learner.looked_after_by_id})
    if request.method == "POST" and form.is_valid():
        authority = form.cleaned_data["authority"]
        areas.note_looked_after(by=actor, learner=learner, authority=authority)
        said = f"{authority} looks after" if authority else "No authority looks after"
        messages.success(request, f"{said} {learner}. It is so from now.")
        return redirect("looked-after-by", learner_id)
    context = {"form": form, "learner": learner, "banner": banner(learner)}
    return render(request, "senco/looked_after.html", context)
