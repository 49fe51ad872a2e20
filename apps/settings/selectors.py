"""Finding settings."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from apps.common.exceptions import Invalid
from apps.settings.models import LocalArea, Setting, SettingIdentifier, SettingLink

AGE_IN_RECEPTION = 4  # on the first day of the year
MOST_LIKELY = 60


def with_urn() -> QuerySet[Any]:
    """Settings with their URN as `urn`."""
    urn = SettingIdentifier.objects.filter(setting=OuterRef("pk"), kind="urn", ends_on=None)
    return Setting.objects.annotate(urn=Subquery(urn.values("value")[:1]))


def find_open(text: str) -> list[Setting]:
    """Open settings with this URN, this name, or failing that a name that contains it."""
    text = text.strip()
    rows = with_urn().exclude(status=Setting.Status.CLOSED)
    exact = list(rows.filter(Q(name__iexact=text) | Q(urn=text))[:10])
    return exact or list(rows.filter(name__icontains=text).order_by("name")[:10])


def likely_next(setting_id: UUID, year_group: int) -> list[Setting]:
    """Open settings of the same local area that take this year group, by name."""
    here = Setting.objects.filter(pk=setting_id).values("local_area_id")
    age = year_group + AGE_IN_RECEPTION
    rows = Setting.objects.filter(local_area_id__in=here, low_age__lte=age, high_age__gte=age)
    rows = rows.exclude(status=Setting.Status.CLOSED).exclude(pk=setting_id)
    return list(rows.order_by("name")[:MOST_LIKELY])


def with_urns(urns: list[str]) -> list[Setting]:
    """The settings with these URNs. Raises Invalid naming one that there is not."""
    rows = Setting.objects.filter(identifiers__kind="urn", identifiers__value__in=urns)
    found = {setting.urn: setting for setting in rows.annotate(urn=F("identifiers__value"))}
    for urn in urns:
        if urn not in found:
            raise Invalid(
                f"There is no setting with the URN {urn}.",
                {"settings": f"There is no setting with the URN {urn}"},
            )
    return list(found.values())


def with_codes(codes: list[str]) -> list[LocalArea]:
    """The local areas with these codes. Raises Invalid naming one that there is not."""
    found = {area.code: area for area in LocalArea.objects.filter(code__in=codes)}
    for code in codes:
        if code not in found:
            raise Invalid(
                f"There is no local area {code}.",
                {"local_areas": f"There is no local area with the code {code}"},
            )
    return list(found.values())


def urn_of(setting: Any) -> str:
    """The URN that `with_urn` put on a setting."""
    return setting.urn or "no URN"


def successor_of(setting: Setting) -> Setting | None:
    """The one setting that GIAS names as its successor; None for none, or when it was split."""
    found = Setting.objects.filter(
        Q(linked_from__setting=setting, linked_from__kind=SettingLink.Kind.SUCCESSOR)
        | Q(links__linked=setting, links__kind=SettingLink.Kind.PREDECESSOR)
    ).distinct()[:2]
    return found[0] if len(found) == 1 else None
