"""What narrows a register, and which columns it has: a form sent by address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.http import QueryDict

from apps.common.terms import year_group_label
from apps.framework.selectors import Grid
from apps.reviews.registers import COLUMNS, USUAL
from apps.web.forms import GovukForm

ANY = ("", "Any")


class FilterForm(GovukForm):
    """Filters that combine, the order, and the columns."""

    year = forms.ChoiceField(label="Year group", required=False)
    area = forms.ChoiceField(label="Area of need", required=False)
    level = forms.ChoiceField(label="Level", required=False)
    review = forms.ChoiceField(
        label="Review",
        required=False,
        choices=[
            ANY,
            ("open", "Open"),
            ("overdue", "Overdue"),
            ("signed", "Signed off this term"),
            ("none", "None this term"),
        ],
    )
    since = forms.ChoiceField(
        label="On the register since", required=False, choices=[ANY, ("term", "This term")]
    )
    plan = forms.ChoiceField(label="EHC plan", required=False, choices=[ANY, ("yes", "Has a plan")])
    also = forms.ChoiceField(
        label="Record held", required=False, choices=[ANY, ("here", "Elsewhere, also here")]
    )
    family = forms.ChoiceField(
        label="Family this term",
        required=False,
        choices=[ANY, ("met", "Spoken with"), ("unmet", "Not spoken with yet")],
    )
    support = forms.CharField(label="Support says", required=False, max_length=60)
    sort = forms.ChoiceField(
        label="Sort by",
        required=False,
        choices=[
            ("name", "Name"),
            ("level", "Highest level"),
            ("year", "Year and class"),
            ("review", "Review due"),
        ],
    )
    columns = forms.MultipleChoiceField(
        label="Columns",
        required=False,
        choices=list(COLUMNS.items()),
        initial=USUAL,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "govuk-checkboxes--small"}),
    )

    def __init__(
        self, *args: Any, counts: Iterable[dict[str, Any]], grid: Grid, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        rows = list(counts)
        years = sorted({r["year"] for r in rows if r["year"] is not None})
        classes = sorted({r["class_name"] for r in rows if r["class_name"]})
        self._choose("year", [(str(y), year_group_label(y)) for y in years])
        self._choose("area", [(a.code, a.name) for a in grid.areas])
        self._choose("level", [(v.code, v.name) for v in grid.levels])
        self.fields = {
            "year": self.fields["year"],
            "class": forms.ChoiceField(
                label="Class", required=False, choices=[ANY, *((c, c) for c in classes)]
            ),
            **self.fields,
        }

    def chosen(self, address: QueryDict) -> list[dict[str, str]]:
        """What narrows the list, each with the address of the list without it."""
        items = []
        for name, field in self.fields.items():
            value = address.get(name, "")
            if value and name not in {"sort", "columns"}:
                rest = address.copy()
                for gone in (name, "after"):
                    rest.pop(gone, None)
                words = dict(getattr(field, "choices", ())).get(value, value)
                items.append(
                    {"text": f"{field.label}: {words}", "href": f"?{rest.urlencode()}#learners"}
                )
        return items

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast(forms.ChoiceField, self.fields[name]).choices = [ANY, *choices]
