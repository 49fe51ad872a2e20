"""Moves out and in, and one handover as a step-by-step page."""

from __future__ import annotations

from datetime import date
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common.exceptions import Invalid, NotVisible
from apps.common.terms import year_group_label
from apps.learners import selectors as learners
from apps.reviews.held import held_record
from apps.reviews.models import Kind, Statement
from apps.settings.models import Setting
from apps.settings.selectors import find_open, urn_of
from apps.transitions import policy, selectors
from apps.transitions.actions import delivery, packing, planning, receiving
from apps.transitions.models import SettlingIn, Transition
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, organisation, posted_key, reader
from apps.web.presenters import banner


def page(request: HttpRequest) -> HttpResponse:
    """Who is leaving and who is coming."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.HAND_OVER))
    actor = visit.actor.at(setting_id)
    out = [(m, selectors.lateness(m)) for m in selectors.moves_out(actor, setting_id)]
    coming = [(m, selectors.lateness(m)) for m in selectors.moves_in(actor, setting_id)]
    audit.listed(by=actor, learner_ids=[m.learner_id for m, _ in out + coming], what="moves")
    setting = Setting.objects.filter(pk=setting_id).first()
    years = [
        (year, year_group_label(year), len(selectors.leavers(actor, setting_id, year)))
        for year in (setting.leaving_years if setting else [])
    ]
    context = {"moves_out": out, "moves_in": coming, "years": years}
    return render(request, "senco/moves.html", context)


class SettingField(forms.CharField):
    """A setting by its URN, or by a name that only one open setting has."""

    def __init__(self, *, known: dict[str, list[Setting]] | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.known = known

    def clean(self, value: Any) -> Setting | None:
        """Find the setting; say so when there are several.

        Fields of one form that share `known` ask once for each name.
        """
        text = super().clean(value)
        if not text:
            return None
        found = self.known.get(text) if self.known is not None else None
        if found is None:
            found = find_open(text)
        if self.known is not None:
            self.known[text] = found
        if not found:
            raise forms.ValidationError("No open setting has that name or URN.")
        if len(found) > 1:
            names = ", ".join(f"{s} ({urn_of(s)})" for s in found[:5])
            raise forms.ValidationError(f"Several settings fit: {names}. Enter the URN.")
        return found[0]


class PlanForm(GovukForm):
    """A move: when, to which year, and where to if it is known."""

    kind = forms.ChoiceField(
        label="What kind of move is it?",
        choices=[c for c in Transition.Kind.choices if c[0] != Transition.Kind.TIME_LIMITED],
        widget=forms.RadioSelect,
    )
    starts_on = DateField(label="First day there")
    year_group = forms.IntegerField(
        label="Year group there",
        help_text="Reception is 0.",
        min_value=-2,
        max_value=20,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
    )
    to_setting = SettingField(
        label="Where to",
        required=False,
        help_text="Name or URN, once a place is offered and accepted. Leave empty if not known.",
    )
    reason = forms.CharField(label="Reason", required=False, max_length=200)


def plan(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """Plan a move."""
    actor = cast(Visit, request).actor
    policy.check_can_plan(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    audit.opened(by=actor, learner_id=learner_id, what="plan a move")
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            move = planning.expect(by=actor, learner=seen.learner, **form.cleaned_data)
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, "The move is planned.")
            return redirect("move", move.id)
    return render(request, "senco/plan_move.html", {"form": form, "banner": banner(seen.learner)})


def one(request: HttpRequest, transition_id: UUID) -> HttpResponse:
    """One handover with both settings' steps, questions and dates."""
    actor = cast(Visit, request).actor
    move = policy.get(actor, transition_id)
    if policy.knows_the_move_alone(actor, move):
        actor = actor.at(move.from_setting_id)
        audit.opened(by=actor, learner_id=move.learner_id, what="handover")
        return render(request, "senco/move.html", _move_alone(actor, move))
    actor, seen = reader(request, move.learner_id)
    if seen.family:
        return redirect("my-child", move.learner_id)
    audit.opened(by=actor, learner_id=move.learner_id, what="handover")
    return render(request, "senco/move.html", _shown(actor, move))


def take_package(request: HttpRequest, transition_id: UUID, number: int) -> HttpResponse:
    """What was handed over as one file, with the documents in it."""
    package = policy.package(cast(Visit, request).actor, transition_id, number)
    actor, _ = reader(request, package.learner_id)
    audit.opened(by=actor, learner_id=package.learner_id, what="package")
    return HttpResponse(
        packing.as_one_file(by=actor, package=package),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="package-{number}.zip"'},
    )


def _move_alone(actor: Actor, move: Transition) -> dict[str, Any]:
    """The move itself for whoever handed the record over, who knows the name of their own time."""
    try:
        name = held_record(actor, move.learner_id).known_as
    except NotVisible:
        name = "A learner"
    return {"move": move, "name": name, "steps": selectors.steps(move), **_questions(actor, move)}


def _questions(actor: Actor, move: Transition) -> dict[str, Any]:
    queries = list(move.queries.order_by("asked_at"))
    answers = [
        q.id for q in queries if policy.can(policy.check_can_answer, actor, move, q.asked_for)
    ]
    return {"queries": queries, "answers": answers}


def _shown(actor: Actor, move: Transition, **forms_with_errors: Any) -> dict[str, Any]:
    sends = policy.can(policy.check_can_plan, actor, move.learner_id)
    receives = policy.can(policy.check_can_receive, actor, move)
    supports: list[Statement] = []
    if receives and move.received_at and not move.accepted_at:
        supports = list(
            Statement.objects.filter(
                learner_id=move.learner_id, kind=Kind.SUPPORT, withdrawn_no=None
            ).order_by("order")
        )
    return {
        "move": move,
        "name": str(move.learner),
        "banner": banner(move.learner, str(move.from_setting or move.from_area)),
        "steps": selectors.steps(move),
        "late": selectors.lateness(move),
        "stuck": [
            work.get_work_display()
            for work in selectors.need_help(move)
            if policy.can(policy.check_can_try_again, actor, move)
        ],
        "sends": sends,
        "receives": receives,
        "talks": sends or receives,
        "packages": list(move.packages.order_by("number")),
        "settling": list(move.settling_in.order_by("on")),
        **_questions(actor, move),
        "day_one": list(move.day_one.select_related("support")),
        "supports": supports,
        "name_form": NameForm(),
        "why_form": WhyForm(),
        "day_form": FirstDayForm(initial={"starts_on": move.starts_on}),
        "settle_form": SettleForm(),
        "question_form": QuestionForm(),
        **forms_with_errors,
    }


class NameForm(GovukForm):
    """Where the learner has a place."""

    to_setting = SettingField(label="Setting that has offered a place, by name or URN")


class WhyForm(GovukForm):
    """Why a move ends, and where to instead."""

    why = forms.CharField(label="Why", max_length=300)
    to_setting = SettingField(label="Where to instead, by name or URN", required=False)


class FirstDayForm(GovukForm):
    """When the learner starts."""

    starts_on = DateField(label="First day there")


class SettleForm(GovukForm):
    """What is planned to settle the learner in."""

    kind = forms.ChoiceField(label="What", choices=SettlingIn.Kind.choices)
    on = DateField(label="When")
    what = forms.CharField(label="In a few words", max_length=300)


class QuestionForm(GovukForm):
    """A question to the other setting."""

    question = forms.CharField(label="Ask the other setting", widget=forms.Textarea)


@require_POST
def step(request: HttpRequest, transition_id: UUID, step: str) -> HttpResponse:
    """One step of the handover; what was typed stays when it is not accepted."""
    actor = cast(Visit, request).actor
    move = policy.get(actor, transition_id)
    policy.check_takes_part(actor, move)
    audit.opened(by=actor, learner_id=move.learner_id, what="handover")
    try:
        take = _STEPS[step]
    except KeyError:
        raise NotVisible from None
    problem = take(request, actor, move)
    if problem:
        name, form = problem
        return render(request, "senco/move.html", _shown(actor, move, form=form, **{name: form}))
    return redirect("move", move.id)


Problem = tuple[str, GovukForm] | None


def _with_form(name: str, form: GovukForm, act: Any) -> Problem:
    """Run `act` with the form's values; the form with its errors when it does not go through."""
    if not form.is_valid():
        return name, form
    try:
        act(**form.cleaned_data)
    except Invalid as error:
        form.add_domain_error(error)
        return name, form
    return None


def _name(request: HttpRequest, by: Actor, move: Transition) -> Problem:
    def act(to_setting: Setting) -> None:
        planning.name_destination(by=by, transition_id=move.id, to_setting=to_setting)

    return _with_form("name_form", NameForm(request.POST), act)


def _share(request: HttpRequest, by: Actor, move: Transition) -> Problem:
    planning.share(by=by, transition_id=move.id)
    messages.success(request, f"The record is on its way to {move.to_setting}.")
    return None


def _end(request: HttpRequest, by: Actor, move: Transition) -> Problem:
    def act(why: str, to_setting: Setting | None) -> None:
        if to_setting:
            planning.redirect(by=by, transition_id=move.id, to_setting=to_setting, why=why)
        else:
            planning.withdraw(by=by, transition_id=move.id, why=why)

    return _with_form("why_form", WhyForm(request.POST), act)


def _first_day(request: HttpRequest, by: Actor, move: Transition) -> Problem:
    def act(starts_on: date) -> None:
        planning.change_first_day(by=by, transition_id=move.id, starts_on=starts_on)
        messages.success(request, f"The first day is now {starts_on:%-d %B %Y}.")

    return _with_form("day_form", FirstDayForm(request.POST), act)


def _receive(request: HttpRequest, by: Actor, move: Transition) -> Problem:
    receiving.receive(by=by, transition_id=move.id)
    return None


def _settle(request: HttpRequest, by: Actor, move: Transition) -> Problem:
    def act(**values: Any) -> None:
        receiving.plan_settling_in(by=by, transition_id=move.id, **values)

    return _with_form("settle_form", SettleForm(request.POST), act)


def _accept(request: HttpRequest, by: Actor, move: Transition) -> Problem:
    answers = {
        s.id: request.POST.get(f"support-{s.id}", "")
        for s in Statement.objects.filter(
            learner_id=move.learner_id, kind=Kind.SUPPORT, withdrawn_no=None
        )
    }
    form = GovukForm(request.POST)
    form.is_valid()
    try:
        receiving.accept(by=by, transition_id=move.id, day_one=answers)
    except Invalid as error:
        form.add_domain_error(error)
        form.typed = {str(k): v for k, v in answers.items()}  # type: ignore[attr-defined]
        return "accept_form", form
    messages.success(request, f"You are ready for {move.learner}.")
    return None


def _ask(request: HttpRequest, by: Actor, move: Transition) -> Problem:
    def act(question: str) -> None:
        receiving.ask(by=by, transition_id=move.id, question=question)

    return _with_form("question_form", QuestionForm(request.POST), act)


def _answer(request: HttpRequest, by: Actor, move: Transition) -> Problem:
    query = move.queries.filter(pk=posted_key(request, "query")).first()
    if query is None:
        raise NotVisible
    receiving.answer(by=by, query_id=query.id, text=request.POST.get("answer", ""))
    return None


def _again(request: HttpRequest, by: Actor, move: Transition) -> Problem:
    delivery.try_again(by=by, transition_id=move.id)
    messages.success(request, "It is being tried again.")
    return None


_STEPS = {
    "name": _name,
    "share": _share,
    "end": _end,
    "first-day": _first_day,
    "receive": _receive,
    "settle": _settle,
    "accept": _accept,
    "ask": _ask,
    "answer": _answer,
    "again": _again,
}
