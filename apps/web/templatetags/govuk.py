"""Small helpers of the templates: form controls, dates, shades of the grid."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms, template
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.safestring import SafeString

register = template.Library()

SHADES = 6


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the field is a single tick box."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.simple_tag
def describedby(field: BoundField) -> str:
    """The ids of the field's hint and error, for aria-describedby."""
    ids = []
    if field.help_text:
        ids.append(f"{field.auto_id}_hint")
    if field.errors:
        ids.append(f"{field.auto_id}_error")
    return " ".join(ids)


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """The field's control, tied to its hint and error."""
    attrs: dict[str, Any] = {}
    if ids := describedby(field):
        attrs["aria-describedby"] = ids
    if field.errors:
        base = field.field.widget.attrs.get("class", "")
        attrs["class"] = f"{base} {base.split(' ')[0]}--error"
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.filter
def day(value: date | datetime | None) -> str:
    """A date as pages write it: 14 March 2027."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = timezone.localtime(value).date()
    return f"{value.day} {value:%B %Y}"


@register.simple_tag
def shade(rank: int, levels: int) -> str:
    """The class for a level's shade: six shades spread over however many levels there are."""
    top = max(levels - 1, 1)
    return f"lr-level-{round(rank * (SHADES - 1) / top)}"


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    """A dictionary's value."""
    return mapping.get(key)


@register.simple_tag
def library_control(field: BoundField) -> SafeString:
    """The control of a form that a library made, dressed as a GOV.UK component."""
    box = isinstance(field.field.widget, forms.CheckboxInput)
    attrs = {"class": "" if box else "govuk-input", "placeholder": ""}
    if field.errors:
        attrs["class"] += " govuk-input--error"
        attrs["aria-describedby"] = f"{field.auto_id}_error"
    return field.as_widget(attrs=attrs)
