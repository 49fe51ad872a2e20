"""Keeping and deleting: the schedule, what is due, legal holds, and what was deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.rights import disposal, policy, retention, selectors
from apps.rights.models import Disposal
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, organisation, reader, step_up
from apps.web.presenters import banner
from apps.web.templatetags.govuk import day

HOLD_LOOKS_AGAIN_AFTER = timedelta(days=180)
Said = dict[str, Any]


class ChosenForm(GovukForm):
    """Which records, why, and until when where they are kept."""

    which = forms.MultipleChoiceField(label="Which records?", widget=forms.CheckboxSelectMultiple)
    because = forms.CharField(label="Why?", max_length=500, required=False)
    until = DateField(
        label="If they are kept, look again on",
        help_text="Leave this empty for a year from today.",
        required=False,
    )

    def __init__(self, rows: list[Disposal], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        which = cast(forms.MultipleChoiceField, self.fields["which"])
        which.choices = [(str(row.id), _line(row)) for row in rows]


def _line(row: Disposal) -> str:
    line = (
        f"{row.learner}, born {day(row.learner.date_of_birth)}: due since {day(row.due_on)}, "
        f"{row.years} years from birth"
    )
    if row.decision is None:
        return line
    return f"{line}. Proposed by {row.decision.proposed_by}: {row.decision.because}"


def _propose(by: Actor, row: Disposal, said: Said) -> None:
    disposal.propose(by=by, disposal_id=row.id, because=said["because"])


def _keep(by: Actor, row: Disposal, said: Said) -> None:
    disposal.postpone(by=by, disposal_id=row.id, because=said["because"], until=said["until"])


def _agree(by: Actor, row: Disposal, said: Said) -> None:
    disposal.agree(by=by, decision_id=cast(UUID, row.decision_id))


def _decline(by: Actor, row: Disposal, said: Said) -> None:
    decision_id = cast(UUID, row.decision_id)
    disposal.decline(by=by, decision_id=decision_id, because=said["because"], until=said["until"])


Step = tuple[Callable[[Actor, Disposal, Said], None], str]
DUE: dict[str, Step] = {
    "propose": (_propose, "Proposed. A second person now decides."),
    "keep": (_keep, "Kept longer."),
}
WAITING: dict[str, Step] = {
    "agree": (_agree, "Agreed. The records are being deleted."),
    "decline": (_decline, "Declined. The records are kept."),
}


def page(request: HttpRequest) -> HttpResponse:
    """Everything about keeping at one holder; several records can be decided at once."""
    visit = cast(Visit, request)
    holder_id = organisation(visit, policy.keeps_at(visit.actor))
    actor = visit.actor.at(holder_id)
    kept = selectors.keeping(actor, holder_id)
    audit.listed(by=actor, learner_ids=kept.learner_ids, what="keeping and deleting")
    waiting = [d for d in kept.waiting if _proposer(d) != actor.person_id]
    posted = request.POST.get("do", "")
    due_form = ChosenForm(kept.due, request.POST if posted in DUE else None, prefix="due")
    waiting_form = ChosenForm(waiting, request.POST if posted in WAITING else None, prefix="wait")
    for steps, rows, form in ((DUE, kept.due, due_form), (WAITING, waiting, waiting_form)):
        if form.is_bound and form.is_valid() and _done(request, actor, steps[posted], rows, form):
            return redirect("keeping")
    rules, change = retention.schedule_of(actor, holder_id)
    context = {
        "kept": kept,
        "waiting": waiting,
        "mine": [d for d in kept.waiting if _proposer(d) == actor.person_id],
        "due_form": due_form,
        "waiting_form": waiting_form,
        "form": waiting_form if waiting_form.is_bound else due_form,
        "rules": rules,
        "change": change,
        "leads": holder_id in policy.leads_at(actor),
        "proposes": actor.may(Permission.REVIEW, holder_id),
        "today": clock.today(),
    }
    return render(request, "senco/keeping.html", context)


def _proposer(row: Disposal) -> UUID | None:
    return row.decision.proposed_by_id if row.decision else None


def _done(
    request: HttpRequest, actor: Actor, step: Step, rows: list[Disposal], form: ChosenForm
) -> bool:
    """Do a step for each record that was chosen, all or none; False with errors on the form."""
    step_up(request)
    act, done = step
    chosen = [row for row in rows if str(row.id) in form.cleaned_data["which"]]
    try:
        with transaction.atomic():
            for row in chosen:
                act(actor, row, form.cleaned_data)
    except Invalid as error:
        form.add_domain_error(error)
        return False
    messages.success(request, done)
    return True


class ScheduleForm(GovukForm):
    """How long this holder keeps records, and why otherwise than the schedule."""

    years = forms.IntegerField(label="Years from the date of birth")
    reason = forms.CharField(
        label="Why, and where is that written down?",
        help_text="For example: the trust's retention policy of September 2026.",
        max_length=300,
    )


def schedule(request: HttpRequest) -> HttpResponse:
    """Keep records longer or shorter than the schedule says."""
    visit = cast(Visit, request)
    holder_id = organisation(visit, policy.keeps_at(visit.actor))
    actor = visit.actor.at(holder_id)
    policy.check_can_change_schedule(actor, holder_id)
    form = ScheduleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        step_up(request)
        try:
            retention.change_schedule(by=actor, organisation_id=holder_id, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "The schedule was changed.")
            return redirect("keeping")
    context = {"form": form, "rule": retention.rule("record")}
    return render(request, "senco/keeping_schedule.html", context)


class HoldForm(GovukForm):
    """Why nothing may be deleted, and when to look again."""

    reason = forms.CharField(
        label="Why may nothing be deleted?",
        help_text="For example: a claim was brought, an inquiry has asked for the record.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    look_again_on = DateField(label="Look at this again on")


class EndForm(GovukForm):
    """Why a hold is not needed any more."""

    because = forms.CharField(label="Why is it not needed any more?", max_length=500)


def hold(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Place a legal hold on a learner, or end the one that there is."""
    held = selectors.hold_of(cast(Visit, request).actor, learner_id)
    actor, seen = reader(request, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="legal hold")
    again = {"look_again_on": clock.today() + HOLD_LOOKS_AGAIN_AFTER}
    sent = request.POST if "hold" in request.POST else None
    form: GovukForm = EndForm(sent) if held else HoldForm(sent, initial=again)
    if form.is_bound and form.is_valid():
        try:
            if held:
                retention.end_hold(by=actor, hold_id=held.id, **form.cleaned_data)
            else:
                retention.place_hold(by=actor, learner=seen.learner, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            done = "The legal hold has ended." if held else "Nothing of this record is deleted now."
            messages.success(request, done)
            return redirect("legal-hold", learner_id)
    context = {
        "form": form,
        "hold": held,
        "purpose": actor.purpose,
        "banner": banner(seen.learner),
        "today": clock.today(),
    }
    return render(request, "senco/hold.html", context)
