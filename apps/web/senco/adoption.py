"""When a child is adopted: a new identity is proposed, and a second person decides."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.learners import selectors as learners
from apps.lives import policy
from apps.lives.actions import adoption as adopting
from apps.lives.models import Adoption
from apps.reviews import selectors
from apps.reviews.models import Kind, Statement, as_read
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, reader, step_up
from apps.web.presenters import banner
from apps.web.senco.moves import SettingField


class AdoptionForm(GovukForm):
    """The new identity, and each statement in force with a box for it and its words."""

    legal_given = forms.CharField(label="New legal given names", max_length=150)
    legal_family = forms.CharField(label="New legal family name", max_length=100, required=False)
    known_given = forms.CharField(label="Known as, given name", max_length=100)
    known_family = forms.CharField(label="Known as, family name", max_length=100, required=False)
    upn = forms.CharField(
        label="New UPN",
        help_text="The earlier number is never used again. Leave this empty until there is one.",
        max_length=20,
        required=False,
        widget=forms.TextInput({"class": "govuk-input--width-20"}),
    )
    to_setting = SettingField(
        label="Where the child learns under the new name",
        help_text="This setting, or another: its name or URN.",
    )
    year_group = forms.IntegerField(
        label="Year group there",
        help_text="Reception is 0.",
        min_value=-4,
        max_value=20,
        widget=forms.NumberInput({"class": "govuk-input--width-3"}),
    )
    starts_on = DateField(label="Since when")
    because = forms.CharField(
        label="Which order have you seen?",
        help_text="For example: adoption order of 3 March 2026, seen on paper.",
        max_length=300,
    )

    def __init__(self, *args: Any, statements: list[Statement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.statements = statements
        for s in statements:
            about = f"{s.get_kind_display()}{f', {s.area.name}' if s.area else ''}"
            self.fields[f"carry-{s.id}"] = forms.BooleanField(label="Carry over", required=False)
            self.fields[f"text-{s.id}"] = forms.CharField(
                label=about, required=False, initial=s.text, widget=forms.Textarea({"rows": 3})
            )
            for name in (f"carry-{s.id}", f"text-{s.id}"):
                self._word(name)

    def identity(self) -> list[forms.BoundField]:
        """The fields of the new identity."""
        return [f for f in self if not f.name.startswith(("carry-", "text-"))]

    def words(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each statement's box and words."""
        return [(self[f"carry-{s.id}"], self[f"text-{s.id}"]) for s in self.statements]

    def chosen(self) -> dict[UUID, str]:
        """The words that are carried over, by the statement that they come from."""
        data = self.cleaned_data
        return {s.id: data[f"text-{s.id}"] for s in self.statements if data[f"carry-{s.id}"]}


class WhyForm(GovukForm):
    """Why it is not to be."""

    why = forms.CharField(label="Why not?", max_length=300)


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Propose the new identity; or, where one waits, decide on it."""
    waiting = policy.waiting(cast(Visit, request).actor, learner_id)
    actor, seen = reader(request, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="adoption")
    if waiting:
        return _decide(request, actor, waiting)
    statements = as_read(selectors.record(actor, seen).statements)
    now = learners.main_place(actor, learner_id)
    here = {"to_setting": now.setting, "year_group": now.year_group} if now else {}
    form = AdoptionForm(request.POST or None, statements=statements, initial=here)
    if request.method == "POST" and form.is_valid():
        step_up(request)
        try:
            _propose(actor, learner_id, form)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "A second person has to decide now.")
            return redirect("adoption", learner_id)
    context = {"form": form, "learner": seen.learner, "banner": banner(seen.learner)}
    return render(request, "senco/adoption.html", context)


def _propose(actor: Actor, learner_id: UUID, form: AdoptionForm) -> None:
    data = form.cleaned_data
    adopting.propose(
        by=actor,
        learner_id=learner_id,
        values={name: data[name] for name in (*adopting.NAMES, "upn")},
        to_setting=data["to_setting"],
        year_group=data["year_group"],
        starts_on=data["starts_on"] or clock.today(),
        because=data["because"],
        words=form.chosen(),
    )


def _decide(request: HttpRequest, actor: Actor, waiting: Adoption) -> HttpResponse:
    form = WhyForm(request.POST if "why" in request.POST else None)
    if request.method == "POST" and "agree" in request.POST:
        policy.check_can_decide(actor, waiting)
        step_up(request)
        adopting.carry_out(by=actor, learner_id=waiting.learner_id)
        messages.success(request, "Done. The earlier record is sealed, and nobody sees it.")
        return redirect("home")
    if form.is_bound and form.is_valid():
        adopting.decline(by=actor, learner_id=waiting.learner_id, because=form.cleaned_data["why"])
        messages.success(request, "It is not carried out. The record is as it was.")
        return redirect("record", waiting.learner_id)
    kinds = dict(Kind.choices)
    context = {
        "form": form,
        "waiting": waiting,
        "words": [(kinds[s["kind"]], s["text"]) for s in waiting.statements],
        "purpose": actor.purpose,
        "own": waiting.proposed_by_id == actor.key,
        "learner": waiting.learner,
        "banner": banner(waiting.learner),
    }
    return render(request, "senco/adoption_decide.html", context)
