"""Who has read a record, withholding a reader from the family, and what is unusual."""

from __future__ import annotations

from datetime import timedelta
from typing import cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.learners import policy, readings, unusual
from apps.learners import selectors as learners
from apps.reviews import papers
from apps.settings.models import Setting
from apps.transitions import selectors as moves
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, organisation, reader
from apps.web.presenters import banner

LOOK_AGAIN_AFTER = timedelta(days=90)


def looked(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Who opened or listed this record, newest first, and what was sent to others."""
    actor, seen = reader(request, learner_id)
    if seen.family:
        return redirect("family-looked", learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="who has looked")
    guards = policy.guards(actor, learner_id)
    context = {
        "readings": readings.of_learner(actor, learner_id),
        "withheld": readings.withheld_from(actor, learner_id) if guards else [],
        "guards": guards,
        "told": moves.told(actor, learner_id),
        "papers": papers.papers_sent(actor, learner_id),
        "banner": banner(seen.learner),
    }
    return render(request, "senco/looked.html", context)


class WithholdForm(GovukForm):
    """Why a family is not told, and until when."""

    reason = forms.CharField(
        label="Why is the family not to be told?",
        help_text="Kept with the record's log. The family does not see it.",
        max_length=500,
        widget=forms.Textarea,
    )
    review_on = DateField(label="Look at this again on")


def withhold(request: HttpRequest, learner_id: UUID, reader_id: UUID) -> HttpResponse:
    """Not showing the family what one person has read and reads."""
    actor = cast(Visit, request).actor
    policy.check_can_guard(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    read = next(
        (r for r in readings.of_learner(actor, learner_id) if r.reader_id == reader_id), None
    )
    if read is None:
        raise NotVisible
    audit.opened(by=actor, learner_id=learner_id, what="who has looked")
    again = {"review_on": clock.today() + LOOK_AGAIN_AFTER}
    form = WithholdForm(request.POST or None, initial=again)
    if request.method == "POST" and form.is_valid():
        try:
            readings.withhold(
                by=actor, learner_id=learner_id, reader_id=reader_id, **form.cleaned_data
            )
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"The family is not told of reading by {read.who}.")
            return redirect("who-has-looked", learner_id)
    context = {"form": form, "read": read, "banner": banner(seen.learner)}
    return render(request, "senco/withhold.html", context)


@require_POST
def show_again(request: HttpRequest, learner_id: UUID, reader_id: UUID) -> HttpResponse:
    """Telling the family of that person's reading after all."""
    actor = cast(Visit, request).actor
    readings.show_again(by=actor, learner_id=learner_id, reader_id=reader_id)
    audit.opened(by=actor, learner_id=learner_id, what="who has looked")
    messages.success(request, "The family is told of this person's reading again.")
    return redirect("who-has-looked", learner_id)


def page(request: HttpRequest) -> HttpResponse:
    """What is unusual in the reading of this setting's records, and whose reading is withheld."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.GUARD_READINGS))
    actor = visit.actor.at(setting_id)
    found = unusual.unusual(actor, setting_id)
    withheld = readings.withheld_at(actor, setting_id)
    seen = {u.learner.id for u in found if u.learner} | {w.learner_id for w in withheld}
    audit.listed(by=actor, learner_ids=seen, what="unusual reading")
    context = {
        "setting": Setting.objects.get(pk=setting_id),
        "found": found,
        "rules": unusual.RULES.values(),
        "withheld": withheld,
        "today": clock.today(),
    }
    return render(request, "senco/readings.html", context)
