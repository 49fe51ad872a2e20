"""Withholding from part of a family where a learner is: begin, who may know, words, end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common.exceptions import Invalid, NotVisible
from apps.learners import policy, whereabouts
from apps.learners import selectors as learners
from apps.learners.models import FamilyMember, Learner, WithheldWhereabouts
from apps.learners.selectors import Sight
from apps.reviews import whereabouts as reviews
from apps.web.forms import GovukForm
from apps.web.guards import Visit, posted_key, reader, step_up
from apps.web.presenters import banner


class KnowForm(GovukForm):
    """Which adults may know where the learner is."""

    may_know = forms.MultipleChoiceField(
        label="Who of the family may know where they are?",
        help_text="Everyone not chosen, and everyone invited later, does not know.",
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, family: list[FamilyMember], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.MultipleChoiceField, self.fields["may_know"]).choices = [
            (str(m.id), f"{m.name}, {m.get_relation_display().lower()}") for m in family
        ]
        if not family:
            del self.fields["may_know"]

    def chosen(self) -> list[UUID]:
        """The adults chosen."""
        return [UUID(key) for key in self.cleaned_data.get("may_know", [])]


class BeginForm(KnowForm):
    """The same, with the reason."""

    reason = forms.CharField(
        label="Why?",
        help_text="Kept with the record. No adult of the family sees it.",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    field_order = ("reason", "may_know")


class EndForm(GovukForm):
    """Why it ends."""

    why = forms.CharField(
        label="Why may all of them know again?",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """What is withheld and from whom; each form of the page is one step."""
    policy.check_can_withhold_where(cast(Visit, request).actor, learner_id)
    actor, seen = reader(request, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="whereabouts")
    row = whereabouts.withheld_from_family(actor, learner_id)
    family = [
        a.member
        for a in learners.access_of_family(actor, learner_id)
        if a.member.relation != FamilyMember.Relation.SELF
    ]
    step = request.POST.get("step", "") if request.method == "POST" else ""
    bound = _forms(request, step, row, family)
    if step:
        done = _step(request, actor, seen, row, step, bound)
        if done:
            messages.success(request, done)
            return redirect("whereabouts", learner_id)
    naming = reviews.naming_places(actor, learner_id) if row else []
    context = {
        **bound,
        "step": step,
        "form": bound.get(step),
        "row": row,
        "family": family,
        "naming": [s for s in naming if row and s.id not in row.accepted],
        "accepted": [s for s in naming if row and s.id in row.accepted],
        "seen": seen,
        "purpose": actor.purpose,
        "learner": seen.learner,
        "banner": banner(seen.learner),
    }
    return render(request, "senco/whereabouts.html", context)


def _forms(
    request: HttpRequest, step: str, row: WithheldWhereabouts | None, family: list[FamilyMember]
) -> dict[str, GovukForm]:
    """The page's forms; the one that was sent has what was typed."""

    def sent(name: str) -> Any:
        return request.POST if step == name else None

    if row is None:
        return {"begin": BeginForm(sent("begin"), family=family)}
    know = {"may_know": [str(key) for key in row.may_know]}
    return {
        "know": KnowForm(sent("know"), family=family, initial=know),
        "end": EndForm(sent("end")),
    }


def _step(
    request: HttpRequest,
    actor: Actor,
    seen: Sight,
    row: WithheldWhereabouts | None,
    step: str,
    bound: dict[str, GovukForm],
) -> str:
    """Take the step that was sent; what to tell, or nothing where the form has an error."""
    if step == "accept" and row:
        whereabouts.accept_words(by=actor, row=row, statement_id=posted_key(request, "statement"))
        return "It is shown as it is."
    form = bound.get(step)
    if form is None:
        raise NotVisible
    if step in {"know", "end"}:
        step_up(request)
    if not form.is_valid():
        return ""
    take, said = _STEPS[step]
    try:
        take(actor, seen.learner, row, form)
    except Invalid as error:
        form.add_domain_error(error)
        return ""
    return said


def _begin(actor: Actor, learner: Learner, _: Any, form: Any) -> None:
    whereabouts.withhold_where(
        by=actor, learner=learner, reason=form.cleaned_data["reason"], may_know=form.chosen()
    )


def _know(actor: Actor, _: Learner, row: Any, form: Any) -> None:
    whereabouts.change_who_knows(by=actor, row=row, may_know=form.chosen())


def _end(actor: Actor, _: Learner, row: Any, form: Any) -> None:
    whereabouts.show_where_again(by=actor, row=row, why=form.cleaned_data["why"])


_STEPS: dict[str, tuple[Callable[[Actor, Learner, Any, Any], None], str]] = {
    "begin": (_begin, "It is withheld from now on. Read the words below."),
    "know": (_know, "Changed. It is true from now on."),
    "end": (_end, "It is not withheld any more."),
}
