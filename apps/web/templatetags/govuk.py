"""Small helpers of the templates: form controls, dates, shades of the grid."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.safestring import SafeString
from ua_parser import parse

from apps.accounts import openid, second_factor
from apps.accounts.models import User
from apps.common.terms import year_group_label
from apps.reviews import papers, slips
from apps.web.presenters import time_of

register = template.Library()

SHADES = 6
MANY_HOURS = 100

# The GOV.UK component of a widget, by the first kind that it is.
_COMPONENTS: tuple[tuple[type[forms.Widget], str], ...] = (
    (forms.CheckboxInput, "checkbox"),
    (forms.Textarea, "textarea"),
    (forms.Select, "select"),
    (forms.FileInput, "file-upload"),
    (forms.PasswordInput, "password"),
)

_CLASSES = {
    "checkbox": "govuk-checkboxes__input",
    "password": "govuk-input govuk-password-input__input govuk-js-password-input-input",
    "textarea": "govuk-textarea",
    "select": "govuk-select",
    "file-upload": "govuk-file-upload",
    "input": "govuk-input",
}


@register.filter
def component(field: BoundField) -> str:
    """Which GOV.UK component shows this field: fieldset, checkbox, count, select, input …"""
    if field.use_fieldset:
        return "fieldset"
    widget = field.field.widget
    if isinstance(widget, forms.Textarea) and getattr(field.field, "max_length", None):
        return "count"
    return next((name for kind, name in _COMPONENTS if isinstance(widget, kind)), "input")


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's control, dressed as its component and tied to its hint, error and count.

    No control stops a person at a number of characters: what is pasted stays, and the error says
    how much is too much.
    """
    kind = component(field)
    attrs: dict[str, Any] = {"maxlength": False}
    described = [f"{field.auto_id}-info"] if kind == "count" else []
    if field.errors:
        described.insert(0, f"{field.auto_id}_error")
    if field.help_text:
        described.insert(0, f"{field.auto_id}_helptext")
    if described and kind != "fieldset":
        attrs["aria-describedby"] = " ".join(described)
    base = _CLASSES.get("textarea" if kind == "count" else kind, "")
    attrs["class"] = " ".join(_classes(field, base))
    if kind == "count":
        attrs["class"] += " govuk-js-character-count"
    return field.as_widget(attrs=attrs)


def _classes(field: BoundField, base: str) -> list[str]:
    """The component's class, what the form asked for besides, and the look of an error."""
    widget = field.field.widget
    classes = base.split()
    classes += [name for name in widget.attrs.get("class", "").split() if name not in classes]
    if field.errors and base:
        classes.append(f"{classes[0]}--error")
    elif field.errors and isinstance(widget, forms.MultiWidget):
        classes.append("govuk-input--error")
    return classes


@register.filter
def day(value: date | datetime | None) -> str:
    """A date as pages write it: 14 March 2027."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return f"{value.day} {value:%B %Y}"


@register.filter
def moment(value: datetime | None) -> str:
    """A moment as pages write it: Monday 14 March 2027, 15:30."""
    return time_of(value) if value else ""


@register.filter
def how_often(details: dict[str, Any]) -> str:
    """How often a support is given, for how long, to how many and by whom."""
    return papers.how_often(details)


@register.filter
def slip_day(slip: dict[str, Any]) -> str:
    """When a slip was noted, as a date."""
    return day(slips.noted_on(slip))


@register.simple_tag
def shade(rank: int, levels: int) -> str:
    """The class for a level's shade: six shades spread over however many levels there are."""
    top = max(levels - 1, 1)
    return f"lr-level-{round(rank * (SHADES - 1) / top)}"


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """A dictionary's value."""
    return mapping.get(key)


@register.filter
def minus(value: int, other: int) -> int:
    """What is left of one number after another, never less than nothing."""
    return max(value - other, 0)


@register.filter
def hours(minutes: int) -> str:
    """Minutes as people say them: "45 min", "12 h", "12 h 30 min", and "466 h" of very many."""
    whole, rest = divmod(minutes, 60)
    if whole >= MANY_HOURS:
        return f"{round(minutes / 60)} h"
    if not whole:
        return f"{rest} min"
    return f"{whole} h {rest} min" if rest else f"{whole} h"


@register.simple_tag
def library_control(field: BoundField) -> SafeString:
    """The control of a form that a library made, dressed as a GOV.UK component."""
    box = isinstance(field.field.widget, forms.CheckboxInput)
    attrs: dict[str, Any] = {"class": "" if box else "govuk-input", "placeholder": ""}
    if field.errors:
        attrs["class"] += " govuk-input--error"
        attrs["aria-describedby"] = f"{field.auto_id}_error"
    return field.as_widget(attrs=attrs)


@register.filter
def year_group(value: int | None) -> str:
    """A year group as pages write it: Reception, Year 6, Nursery 2."""
    return "" if value is None else year_group_label(value)


@register.filter
def browser(user_agent: str) -> str:
    """A browser as people know it: "Edge on Windows"."""
    found = parse(user_agent)
    parts = [part.family for part in (found.user_agent, found.os) if part]
    return " on ".join(parts) or "A browser that does not say what it is"


@register.simple_tag
def sign_in_providers() -> list[openid.Provider]:
    """The OpenID providers of this deployment."""
    return openid.configured()


@register.simple_tag
def staff_show_second_step() -> bool:
    """Whether staff are asked for a second step; a switch in the demo."""
    return second_factor.required()


@register.simple_tag
def connected_to(person: User) -> list[Any]:
    """A person's own identities at them."""
    return openid.connections(person.pk)


@register.filter
def title_of(code: str) -> str:
    """A code as a heading: "practice-guides" is "Practice guides"."""
    return code.replace("-", " ").capitalize()
