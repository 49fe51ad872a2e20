"""Forms in the GOV.UK manner: label, hint, error, control, each tied to the other.

Forms check shape and never rules: what the domain refuses comes back through `add_domain_error`, so
that nothing typed is lost.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from apps.common.exceptions import Invalid

# What to do, where a form has no better words: "This field is required", said eight times, tells
# nobody which field or what to put there.
_ASK: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.MultipleChoiceField, "choose at least one"),
    (forms.ChoiceField, "choose one"),
    (forms.FileField, "choose a file"),
    (forms.BooleanField, "tick the box to go on"),
    (forms.IntegerField, "enter a number"),
    (forms.EmailField, "enter an e-mail address"),
)

_WRONG = {
    "max_length": "use %(limit_value)d characters or fewer. There are %(show_value)d",
    "min_value": "use %(limit_value)s or more",
    "max_value": "use %(limit_value)s or less",
}


def about(label: str, words: str) -> str:
    """An error that names what it is about: "Full name: choose one.", "Who comes? Choose one."."""
    label = label.removesuffix(" (optional)")
    if label.endswith("?"):
        return f"{label} {words[0].upper()}{words[1:]}."
    return f"{label}: {words}."


class GovukForm(forms.Form):
    """A form whose fields render as GOV.UK components (`templates/django/forms/field.html`)."""

    required_css_class = ""
    template_name = "components/form.html"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.use_required_attribute = False
        for name in self.fields:
            self._word(name)

    def _word(self, name: str) -> None:
        """Give the field errors that name it and say what to do, unless the form worded its own."""
        field = self.fields[name]
        label = str(self[name].label)
        empty = "enter an answer" if label.endswith("?") else "this cannot be empty"
        ask = next((words for kind, words in _ASK if isinstance(field, kind)), empty)
        if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
            field.error_messages["required"] = about(label, ask)
        for code, words in _WRONG.items():
            field.error_messages.setdefault(code, about(label, words))
        if isinstance(field, forms.IntegerField):
            field.error_messages["invalid"] = about(label, "use a whole number, for example 30")
        elif isinstance(field, forms.EmailField):
            field.error_messages["invalid"] = about(label, "that is not an e-mail address")

    def add_domain_error(self, error: Invalid) -> None:
        """Show what the domain said beside the fields it names; the rest above the form."""
        known = {k: v for k, v in error.fields.items() if k in self.fields}
        for name, sentence in known.items():
            self.add_error(name, sentence)
        if not known:
            self.add_error(None, str(error))

    def summary(self) -> list[tuple[str, str]]:
        """Every error with the id of its control, for the error summary at the top."""
        found = []
        for name, errors in self.errors.items():
            target = "" if name == "__all__" else self._target(name)
            found += [(target, str(error)) for error in errors]
        return found

    def _target(self, name: str) -> str:
        bound = self[name]
        widget = bound.field.widget
        if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple | DateWidget):
            return f"{bound.auto_id}_0"
        return str(bound.auto_id)


class DateWidget(forms.MultiWidget):
    """Three boxes: day, month, year."""

    template_name = "django/forms/widgets/date.html"

    def __init__(self) -> None:
        super().__init__([forms.TextInput(), forms.TextInput(), forms.TextInput()])

    def decompress(self, value: date | None) -> list[str]:
        """A date as the three texts."""
        return [str(value.day), str(value.month), str(value.year)] if value else ["", "", ""]


class DateField(forms.MultiValueField):
    """A date typed as day, month and year; a wrong one says what is wrong with it."""

    widget = DateWidget

    def __init__(self, **kwargs: Any) -> None:
        parts = [forms.CharField(required=False) for _ in range(3)]
        asks = about(kwargs["label"], "enter a date, for example 27 3 2026")
        kwargs.setdefault("error_messages", {"required": asks})
        super().__init__(parts, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> date | None:
        """The three texts as a date."""
        if not any(data_list or []):
            return None
        if not all(data_list):
            raise self._wrong("a date needs a day, a month and a year")
        try:
            day, month, year = (int(part) for part in data_list)
        except ValueError:
            raise self._wrong("use numbers, for example 27 3 2026") from None
        if year < 1900:  # noqa: PLR2004 - two-digit years are a typing slip
            raise self._wrong("the year must have four numbers, for example 2026")
        try:
            return date(year, month, day)
        except ValueError:
            raise self._wrong("that is not a real date") from None

    def _wrong(self, words: str) -> ValidationError:
        return ValidationError(about(str(self.label), words))
