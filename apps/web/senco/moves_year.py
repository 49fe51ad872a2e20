"""A whole year handed over on one page: a destination beside each name, and one button."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.access.permissions import Permission
from apps.audit import record as audit
from apps.common import clock
from apps.common.terms import academic_year_of, year_group_label
from apps.settings.models import Setting
from apps.settings.selectors import likely_next
from apps.transitions import selectors
from apps.transitions.actions import cohort
from apps.web.forms import DateField, GovukForm
from apps.web.guards import Visit, organisation
from apps.web.senco.moves import SettingField


class YearForm(GovukForm):
    """The first day, the year group there, and where each learner goes."""

    starts_on = DateField(label="First day there")
    year_group = forms.IntegerField(
        label="Year group there",
        min_value=-2,
        max_value=20,
        widget=forms.NumberInput(attrs={"class": "govuk-input--width-2"}),
    )

    def __init__(self, *args: Any, leavers: list[selectors.Leaver], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leavers = leavers
        known: dict[str, list[Setting]] = {}
        for leaver in leavers:
            self.fields[f"to-{leaver.learner_id}"] = SettingField(
                known=known,
                label=f"Where {leaver.name} goes",
                required=False,
                initial=leaver.to,
                widget=forms.TextInput(attrs={"list": "likely"}),
            )

    def destinations(self) -> dict[UUID, Setting]:
        """Learner's key → where they go, for those whose destination was given and found."""
        given = {v.learner_id: self.cleaned_data.get(f"to-{v.learner_id}") for v in self.leavers}
        return {key: setting for key, setting in given.items() if setting}

    @property
    def lines(self) -> list[tuple[selectors.Leaver, Any]]:
        """Each leaver with their field."""
        return [(leaver, self[f"to-{leaver.learner_id}"]) for leaver in self.leavers]


def page(request: HttpRequest, year_group: int) -> HttpResponse:
    """Those of a year whose record is not shared yet; what is filled in is shared at once."""
    visit = cast(Visit, request)
    setting_id = organisation(visit, visit.actor.organisations(Permission.HAND_OVER))
    actor = visit.actor.at(setting_id)
    leavers = selectors.leavers(actor, setting_id, year_group)
    audit.listed(by=actor, learner_ids=[v.learner_id for v in leavers], what="leavers")
    first_day = date(academic_year_of(clock.today()) + 1, 9, 1)
    form = YearForm(
        request.POST or None,
        leavers=leavers,
        initial={"starts_on": first_day, "year_group": year_group + 1},
    )
    if request.method == "POST":
        form.is_valid()
        data: dict[str, Any] = form.cleaned_data
        if "starts_on" in data and "year_group" in data:
            done = cohort.hand_over(
                by=actor,
                destinations=form.destinations(),
                starts_on=data["starts_on"],
                year_group=data["year_group"],
            )
            shared = sum(1 for outcome in done if outcome.move)
            for outcome in done:
                if outcome.refused:
                    form.add_error(f"to-{outcome.learner_id}", outcome.refused)
            if shared:
                messages.success(request, f"{shared} shared. Their next settings are told.")
            if not form.errors:
                return redirect("moves-year", year_group)
            # What is shared is no longer among the leavers; the others keep what was typed.
            left = {v.learner_id for v in selectors.leavers(actor, setting_id, year_group)}
            form.leavers = [v for v in form.leavers if v.learner_id in left]
    context = {
        "form": form,
        "year": year_group_label(year_group),
        "likely": likely_next(setting_id, year_group + 1),
    }
    status = HTTPStatus.BAD_REQUEST if form.errors else HTTPStatus.OK
    return render(request, "senco/moves_year.html", context, status=status)
