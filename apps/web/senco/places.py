"""Where a learner is: a second setting, an EHC plan, the census code, leaving without a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, NotVisible
from apps.common.terms import year_group_of
from apps.learners import selectors as learners
from apps.learners.actions import note_census_code
from apps.learners.models import CensusCode, EHCPlan, Enrolment, Learner
from apps.learners.policy import check_can_hold
from apps.reviews.actions import places
from apps.settings.models import LocalArea, Setting
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, posted_key
from apps.web.presenters import banner
from apps.web.senco.moves import SettingField

TODAY_S_CODES = [("N", "N: none"), ("K", "K: SEN support"), ("E", "E: EHC plan")]
HOW = [
    ("subsidiary", "Dual registration: on this setting's register too"),
    ("guest", "As a guest: this setting reads the record"),
]


class AreaField(forms.ModelChoiceField):
    """A local area, by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(LocalArea.objects.filter(ends_on=None).order_by("name"), **kwargs)


class AlsoForm(GovukForm):
    """A second setting."""

    setting = SettingField(label="Which setting, by name or URN")
    kind = forms.ChoiceField(label="How", choices=HOW, widget=forms.RadioSelect)


class PlanForm(GovukForm):
    """An EHC plan in force."""

    plan_area = AreaField(label="Local area that keeps the plan")
    starts_on = DateField(label="In force since")


class CodeForm(GovukForm):
    """The census code that the setting decides."""

    code = forms.ChoiceField(label="Code", choices=TODAY_S_CODES, widget=forms.RadioSelect)
    needs = forms.CharField(
        label="Types of need, the first one first",
        help_text="Census codes such as SLCN, ASD. Leave it empty for N.",
        required=False,
        max_length=60,
    )


class LeaveForm(GovukForm):
    """Leaving, with no setting to follow."""

    why = forms.ChoiceField(
        label="Where the learner goes",
        choices=list(places.WITHOUT_PLACE.items()),
        widget=forms.RadioSelect,
    )
    home_area = AreaField(label="Local area where the learner lives")


@dataclass(frozen=True)
class Where:
    """Who acts, on whose place in life; `main` is none where a local area holds the record."""

    by: Actor
    learner: Learner
    main: Enrolment | None

    @property
    def setting(self) -> Setting | None:
        """The setting where they mostly are."""
        return self.main.setting if self.main else None


def _where(request: HttpRequest, learner_id: UUID) -> Where:
    actor = cast(Visit, request).actor
    check_can_hold(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    actor = actor.through(seen.through)
    audit.opened(by=actor, learner_id=learner_id, what="where they learn")
    return Where(actor, seen.learner, learners.main_place(actor, learner_id))


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """What is known, and a form for each thing that can change."""
    return render(request, "senco/places.html", _shown(_where(request, learner_id)))


def _shown(where: Where, **forms_with_errors: Any) -> dict[str, Any]:
    learner, main = where.learner, where.main
    others = learner.enrolments.filter(ends_on=None).exclude(kind=Enrolment.Kind.MAIN)
    area = main.setting.local_area_id if main else where.by.organisation_id
    return {
        "learner": learner,
        "banner": banner(learner, str(main.setting) if main else ""),
        "main": main,
        "others": others.select_related("setting"),
        "plan": EHCPlan.objects.filter(learner=learner, ends_on=None).first(),
        "codes": CensusCode.objects.filter(learner=learner).order_by("-starts_on"),
        "has_record": learner.holders.filter(ends_on=None).exists(),
        "also_form": AlsoForm(),
        "plan_form": PlanForm(initial={"plan_area": area}),
        "code_form": CodeForm(),
        "leave_form": LeaveForm(initial={"home_area": learner.home_area_id or area}),
        **forms_with_errors,
    }


@require_POST
def step(request: HttpRequest, learner_id: UUID, step: str) -> HttpResponse:
    """One change; what was typed stays when it is not accepted."""
    where = _where(request, learner_id)
    if step not in _STEPS or (step in OF_A_SETTING and where.main is None):
        raise NotVisible
    name, form, act, done = _STEPS[step](request, where)
    if form is None or form.is_valid():
        try:
            act(**(form.cleaned_data if form else {}))
        except Invalid as error:
            assert form is not None
            form.add_domain_error(error)
        else:
            messages.success(request, done)
            return redirect("register" if step == "leave" else "places", *_to(step, learner_id))
    return render(request, "senco/places.html", _shown(where, form=form, **{name: form}))


def _to(step: str, learner_id: UUID) -> list[UUID]:
    return [] if step == "leave" else [learner_id]


Step = tuple[str, GovukForm | None, Callable[..., Any], str]


def _also(request: HttpRequest, where: Where) -> Step:
    def act(setting: Any, kind: str) -> None:
        by_age = year_group_of(where.learner.date_of_birth, clock.today())
        places.attend_also(
            by=where.by,
            learner=where.learner,
            setting=setting,
            kind=kind,
            year_group=where.main.year_group if where.main else by_age,
        )

    return "also_form", AlsoForm(request.POST), act, "The other setting sees the record from now."


def _no_more(request: HttpRequest, where: Where) -> Step:
    found = where.learner.enrolments.filter(pk=posted_key(request, "enrolment")).first()
    if found is None:
        raise NotVisible

    def act() -> None:
        places.attend_no_more(by=where.by, enrolment=found)

    return "", None, act, "That has ended. The setting sees nothing more."


def _plan(request: HttpRequest, where: Where) -> Step:
    def act(plan_area: LocalArea, starts_on: Any) -> None:
        places.note_plan(
            by=where.by,
            learner=where.learner,
            setting=where.setting,
            local_area=plan_area,
            starts_on=starts_on,
        )

    return "plan_form", PlanForm(request.POST), act, "The EHC plan is noted."


def _plan_ended(request: HttpRequest, where: Where) -> Step:
    plan = EHCPlan.objects.filter(learner=where.learner, ends_on=None).first()
    if plan is None:
        raise NotVisible

    def act() -> None:
        places.end_plan(by=where.by, plan=plan)

    return "", None, act, "The plan has ended. The record goes on while a need is in force."


def _code(request: HttpRequest, where: Where) -> Step:
    def act(code: str, needs: str) -> None:
        note_census_code(
            by=where.by,
            learner=where.learner,
            setting_id=where.setting.id if where.setting else None,
            code=code,
            need_types=[n for n in needs.upper().replace(",", " ").split() if code != "N"],
        )

    return "code_form", CodeForm(request.POST), act, "The census code is noted."


def _leave(request: HttpRequest, where: Where) -> Step:
    def act(why: str, home_area: LocalArea) -> None:
        places.leave_without_place(
            by=where.by, learner=where.learner, local_area=home_area, why=why
        )

    return "leave_form", LeaveForm(request.POST), act, "The local area now holds the record."


_STEPS: dict[str, Callable[[HttpRequest, Where], Step]] = {
    "also": _also,
    "no-more": _no_more,
    "plan": _plan,
    "plan-ended": _plan_ended,
    "code": _code,
    "leave": _leave,
}
# What only the setting says where the learner mostly is.
OF_A_SETTING = {"code", "leave"}
