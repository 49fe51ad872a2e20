"""A teacher's class round: one page a class, each support of each learner in a tap."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import DomainError, Invalid, NotVisible
from apps.reviews.actions.rounds import answer_round
from apps.reviews.models import SupportSeen
from apps.reviews.rounds import ClassRound, Line, rounds_of
from apps.web.forms import GovukForm
from apps.web.guards import Visit


class LineForm(GovukForm):
    """What a teacher sees of one learner: a mark for each support, a note where it is not so."""

    all_work = forms.BooleanField(label="All of it works", required=False)
    going_well = forms.CharField(label="What goes well?", required=False)
    harder = forms.CharField(label="What is harder?", required=False)

    def __init__(self, *args: Any, line: Line, **kwargs: Any) -> None:
        super().__init__(*args, prefix=str(line.learner.id), **kwargs)
        self.line = line
        for support in line.supports:
            self.fields[f"mark-{support.id}"] = forms.ChoiceField(
                label=support.text,
                choices=SupportSeen.Mark.choices,
                widget=forms.RadioSelect(
                    attrs={"class": "govuk-radios--inline govuk-radios--small"}
                ),
                required=False,
            )
            self.fields[f"note-{support.id}"] = forms.CharField(
                label="What do you see?", max_length=300, required=False
            )
            self._word(f"note-{support.id}")

    def supports(self) -> list[dict[str, Any]]:
        """Each support with its two fields, for the page."""
        return [
            {"support": s, "mark": self[f"mark-{s.id}"], "note": self[f"note-{s.id}"]}
            for s in self.line.supports
        ]

    def seen(self) -> dict[UUID, tuple[str, str]]:
        """What was marked, with the rest as working where all of it works."""
        rest = SupportSeen.Mark.WORKS.value if self.cleaned_data["all_work"] else ""
        marked = {
            s.id: (self.cleaned_data[f"mark-{s.id}"] or rest, self.cleaned_data[f"note-{s.id}"])
            for s in self.line.supports
        }
        return {key: (mark, note) for key, (mark, note) in marked.items() if mark}

    def save(self, by: Actor) -> bool:
        """Keep what was said of this learner alone; False with the errors where it cannot be."""
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                answer_round(
                    by=by,
                    learner=self.line.learner,
                    seen=self.seen(),
                    going_well=self.cleaned_data["going_well"],
                    harder=self.cleaned_data["harder"],
                )
        except Invalid as error:
            self.add_domain_error(error)
        except DomainError as error:
            self.add_error(None, str(error))
        return self.is_valid()


def page(request: HttpRequest) -> HttpResponse:
    """One class at a time. What can be kept is kept; what cannot stays on the page with why."""
    actor = cast(Visit, request).actor
    if not actor.may(Permission.CONTRIBUTE):
        raise NotVisible
    rounds = rounds_of(actor)
    named = request.POST.get("class") or request.GET.get("class")
    here = next((r for r in rounds if r.name == named), rounds[0] if rounds else None)
    lines = here.lines if here else []
    audit.listed(by=actor, learner_ids=[line.learner.id for line in lines], what="class round")
    sent = request.POST if request.method == "POST" else None
    waiting = [LineForm(sent, line=line) for line in (here.waiting if here else [])]
    saved: list[LineForm] = []
    if here and sent is not None:
        saved = [form for form in waiting if form.has_changed() and form.save(actor)]
        waiting = [form for form in waiting if form not in saved]
        wrong = [form for form in waiting if form.has_changed()]
        if not wrong:
            return _saved(request, here, len(saved))
    context = {
        "classes": [_class(r, current=r is here) for r in rounds],
        "here": here,
        "forms": waiting,
        "done": here.done + len(saved) if here else 0,
        "errors": [found for form in waiting if form.has_changed() for found in form.summary()]
        if sent is not None
        else [],
    }
    return render(request, "staff/round.html", context)


def _class(one: ClassRound, *, current: bool) -> dict[str, object]:
    text = f"{one.name}: {one.done} of {len(one.lines)}"
    return {"text": text, "href": f"?{urlencode({'class': one.name})}", "current": current}


def _saved(request: HttpRequest, here: ClassRound, count: int) -> HttpResponse:
    done = here.done + count
    thanks = "Thank you. " if count else "Nothing was filled in. "
    messages.success(request, f"{thanks}{done} of {len(here.lines)} in {here.name} are done.")
    return redirect(f"{reverse('class-round')}?{urlencode({'class': here.name})}")
