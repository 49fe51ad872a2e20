"""Who a learner is: names, birth date, home; and adding one who came without a list."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, Stale
from apps.common.identifiers import InvalidIdentifier, parse_upn
from apps.formats.values import read_year_group
from apps.imports.actions import adding
from apps.imports.policy import check_can_import
from apps.learners import facts, policy
from apps.learners import selectors as learners
from apps.learners.models import Learner
from apps.settings.models import Setting
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, organisation
from apps.web.presenters import banner
from apps.web.senco.places import AreaField

Certainty = Learner.BirthDateCertainty
CERTAINTIES = [
    (Certainty.KNOWN, "Known"),
    (Certainty.ESTIMATED, "Estimated: nobody knows the day"),
    (Certainty.ASSIGNED, "Assigned: an authority gave it"),
    (Certainty.DISPUTED, "Disputed"),
]


def yes_or_no(label: str) -> forms.TypedChoiceField:
    """A question whose answer may not be known."""
    return forms.TypedChoiceField(
        label=label,
        choices=[("", "Not known"), ("True", "Yes"), ("False", "No")],
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
    )


class FactsForm(GovukForm):
    """Names, birth date, home, and what figures need."""

    known_given = forms.CharField(
        label="Known as: given name", help_text="What everybody says.", max_length=100
    )
    known_family = forms.CharField(label="Known as: family name", max_length=100, required=False)
    family_name_first = forms.TypedChoiceField(
        label="Which name is said first?",
        choices=[("False", "The given name"), ("True", "The family name")],
        coerce=lambda value: value == "True",
        initial=False,
        widget=forms.RadioSelect,
    )
    legal_given = forms.CharField(label="In law: given names", max_length=150)
    legal_family = forms.CharField(label="In law: family name", max_length=100, required=False)
    date_of_birth = DateField(label="Date of birth")
    birth_date_certainty = forms.ChoiceField(
        label="How certain is the date of birth?",
        choices=CERTAINTIES,
        initial=Certainty.KNOWN,
        widget=forms.RadioSelect,
    )
    home_area = AreaField(
        label="Local area where they live",
        help_text="It may be another than the setting’s. Its officers then see the record too.",
        empty_label="Not known",
        required=False,
    )
    sex = forms.ChoiceField(
        label="Sex, as the school census records it",
        choices=[("", "Not recorded"), ("F", "Female"), ("M", "Male")],
        required=False,
    )
    first_language = forms.CharField(label="First language", max_length=60, required=False)
    english_additional_language = yes_or_no("English as an additional language")
    ethnicity = forms.CharField(label="Ethnicity, as a census code", max_length=4, required=False)
    free_school_meals = yes_or_no("Free school meals")


FACTS = tuple(FactsForm.base_fields)


class AboutForm(FactsForm):
    """The same of somebody who is here, with the version that the page showed."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    status = HTTPStatus.OK

    def went_stale(self, error: Stale, now: int) -> None:
        """Somebody saved first: keep what was typed, say so, and let the next save through."""
        data = cast(QueryDict, self.data).copy()
        data["version"] = str(now)
        self.data = data
        self.add_error(None, str(error))
        self.status = HTTPStatus.CONFLICT


def page(request: HttpRequest, learner_id: UUID) -> HttpResponse:
    """What is known of who the learner is, and changing it."""
    actor = cast(Visit, request).actor
    policy.check_can_hold(actor, learner_id)
    seen = learners.sight(actor, learner_id)
    actor = actor.through(seen.through)
    learner = seen.learner
    audit.opened(by=actor, learner_id=learner_id, what="name, birth date and where they live")
    now = {name: getattr(learner, name) for name in (*FACTS, "version")}
    form = AboutForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        version = values.pop("version")
        try:
            changed = facts.correct(by=actor, learner_id=learner_id, version=version, values=values)
        except Invalid as error:
            form.add_domain_error(error)
        except Stale as error:
            form.went_stale(error, learner.version)
        else:
            messages.success(request, f"Saved. {changed} has this name and these facts everywhere.")
            return redirect("record", learner_id)
    context = {"form": form, "learner": learner, "banner": banner(learner)}
    return render(request, "senco/about.html", context, status=form.status)


class AddForm(FactsForm):
    """Somebody new: the same facts, their number and where they begin."""

    upn = forms.CharField(
        label="UPN",
        help_text="Leave it empty if there is none yet. It is checked before it is used; the "
        "result shows the next working day.",
        required=False,
    )
    year_group = forms.CharField(label="Year group", help_text="Like 6, R or N2.", max_length=10)
    class_name = forms.CharField(label="Class or form", max_length=40, required=False)
    starts_on = DateField(label="First day here")
    another_child = forms.BooleanField(
        label="It is another child, with the same name and birth date", required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._another = self.fields["another_child"]
        if "another_child" not in self.data:  # asked only where there is somebody alike
            del self.fields["another_child"]

    def clean_upn(self) -> str:
        """A number of the right form."""
        try:
            return parse_upn(sent) if (sent := self.cleaned_data["upn"]) else ""
        except InvalidIdentifier as error:
            raise forms.ValidationError(str(error)) from None

    def clean_year_group(self) -> int:
        """A year group as people write it."""
        try:
            return read_year_group(self.cleaned_data["year_group"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from None

    def ask(self, error: adding.Alike) -> None:
        """There is somebody alike: ask whether it is another child."""
        self.fields["another_child"] = self._another
        self.add_domain_error(error)


def add(request: HttpRequest) -> HttpResponse:
    """Add one learner to the setting's roll; whoever may be the same child is shown first."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.IMPORT))
    actor = visit.actor.at(setting_id)
    check_can_import(actor, setting_id)
    form = AddForm(request.POST or None, initial={"starts_on": clock.today()})
    alike = None
    if request.method == "POST" and form.is_valid():
        sent = form.cleaned_data
        try:
            added = adding.add_one(
                by=actor,
                setting=Setting.objects.get(pk=setting_id),
                values={name: sent.pop(name) for name in FACTS},
                **sent,
            )
        except adding.Alike as error:
            alike = error.found
            form.ask(error)
            audit.listed(by=actor, learner_ids=[alike.learner_id], what="search")
        except Invalid as error:
            form.add_domain_error(error)
        else:
            messages.success(request, f"{added} is added, and on no register yet.")
            return redirect("record", added.id)
    return render(request, "senco/add_learner.html", {"form": form, "alike": alike})
