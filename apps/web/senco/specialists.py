"""The specialists to whom a learner is referred, such as therapists and psychologists."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access.models import Membership
from apps.audit import record as audit
from apps.common.exceptions import Invalid, NotVisible
from apps.learners import policy, referrals
from apps.learners import selectors as learners
from apps.learners.models import Referral
from apps.web.forms import GovukForm
from apps.web.guards import Visit
from apps.web.presenters import banner


class ReferralForm(GovukForm):
    """To whom, and what for."""

    specialist = forms.ChoiceField(label="Specialist", widget=forms.RadioSelect)
    why = forms.CharField(
        label="What are they asked to look at?",
        help_text="They read this, and then the whole record.",
        max_length=300,
    )

    def __init__(self, *args: Any, deployed: list[Membership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = cast(forms.ChoiceField, self.fields["specialist"])
        choice.choices = [(str(m.id), f"{m.user}, {m.setting}") for m in deployed]
        choice.error_messages["required"] = "Choose a specialist."


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Who is looking now, who did before, and referring to another."""
    actor = cast(Visit, request).actor
    policy.check_can_hold(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    actor = actor.through(seen.through)
    audit.opened(by=actor, learner_id=learner_id, what="specialists")
    found = referrals.of_learner(actor, learner_id)
    running = [r for r in found if referrals.runs(r)]
    busy = {r.deployment_id for r in running}
    deployed = [m for m in referrals.deployed_for(actor, seen.learner) if m.id not in busy]
    form = ReferralForm(request.POST or None, deployed=deployed)
    if request.method == "POST" and form.is_valid():
        deployment_id, why = UUID(form.cleaned_data["specialist"]), form.cleaned_data["why"]
        try:
            made = referrals.refer(
                by=actor, learner=seen.learner, deployment_id=deployment_id, why=why
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            said = f"{made.deployment.user} can read and add to the record from now."
            messages.success(request, said)
            return redirect("specialists", learner_id)
    context = {
        "form": form,
        "running": running,
        "before": [r for r in found if not referrals.runs(r)],
        "deployed": deployed,
        "banner": banner(seen.learner),
        "learner": seen.learner,
    }
    return render(request, "senco/specialists.html", context)


@require_POST
def end(request: HttpRequest, learner_id: UUID, referral_id: UUID) -> HttpResponse:
    """End a referral, true at once."""
    actor = cast(Visit, request).actor
    policy.check_can_hold(actor, learner_id)
    found = Referral.objects.select_related("deployment__user").filter(learner_id=learner_id)
    referral = found.filter(pk=referral_id).first()
    if referral is None:
        raise NotVisible
    actor = actor.through(learners.sight(actor, learner_id).through)
    audit.opened(by=actor, learner_id=learner_id, what="specialists")
    referrals.end(by=actor, referral=referral)
    messages.success(request, f"{referral.deployment.user} can no longer read the record.")
    return redirect("specialists", learner_id)
