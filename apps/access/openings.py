"""A setting opens its records to its trust's or its local area's own people, and shuts them again.

Who may then read is a role at that group or area (`roles.Through.OPENED`); `grants` reads the rows
in the one query that reads roles, so that all that ends here has ended at their next request.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.access import policy
from apps.access.grants import Actor
from apps.access.models import Membership, Opening
from apps.access.roles import ROLES, Through
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.settings.models import LocalArea, Setting, SettingGroup

_READ_OPENED = [role.code for role in ROLES.values() if role.through is Through.OPENED]


def of_setting(actor: Actor, setting_id: UUID) -> list[Opening]:
    """What a setting has opened, that which runs first, then the newest."""
    policy.check_can_open_records(actor, setting_id)
    rows = Opening.objects.filter(setting_id=setting_id)
    found = rows.select_related("setting_group", "local_area", "opened_by")
    return sorted(found.order_by("-starts_on", "-id"), key=lambda opening: not runs(opening))


def runs(opening: Opening) -> bool:
    """Whether it has not ended."""
    return opening.ends_on is None or opening.ends_on > clock.today()


def readers(setting: Setting) -> dict[UUID | None, list[Membership]]:
    """Who would read what the setting opens, now or soon: by group or area."""
    today = clock.today()
    rows = Membership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today),
        Q(setting_group=setting.group_id, setting_group__isnull=False)
        | Q(local_area=setting.local_area_id),
        role__in=_READ_OPENED,
    )
    found: dict[UUID | None, list[Membership]] = {}
    for membership in rows.select_related("user").order_by("user__name"):
        place = membership.setting_group_id or membership.local_area_id
        found.setdefault(place, []).append(membership)
    return found


def possible(setting: Setting) -> list[SettingGroup | LocalArea]:
    """To whom a setting can open its records: its group, if it has one, and its local area."""
    return [*([setting.group] if setting.group else []), setting.local_area]


@transaction.atomic
def open_records(*, by: Actor, setting: Setting, to_id: UUID, why: str) -> Opening:
    """Let the specialists of the setting's own group or local area read its records from today.

    Raises Invalid without a reason or for any other place, InvalidTransition while it is open,
    Refused to all but those who manage the setting's people.
    """
    policy.check_can_open_records(by, setting.id)
    to = next((place for place in possible(setting) if place.id == to_id), None)
    wrong: dict[str, str] = {}
    if to is None:
        wrong["to"] = "Choose to whom the records are opened"
    if not why.strip():
        wrong["why"] = "Say why they need to read the records"
    if wrong or to is None:
        raise Invalid("Nothing is opened yet.", wrong)
    opening = Opening(
        setting=setting,
        setting_group=to if isinstance(to, SettingGroup) else None,
        local_area=to if isinstance(to, LocalArea) else None,
        why=why.strip(),
        opened_by_id=by.key,
        starts_on=clock.today(),
    )
    if any(runs(o) and _to(o) == to.id for o in of_setting(by, setting.id)):
        raise InvalidTransition(f"The records are open to {to} already.")
    opening.save(force_insert=True)
    _note(by, "records opened", opening)
    return opening


@transaction.atomic
def end(*, by: Actor, opening: Opening) -> None:
    """Shut the records again, true at the readers' very next request."""
    policy.check_can_open_records(by, opening.setting_id)
    if not runs(opening):
        raise InvalidTransition("These records were shut again already.")
    opening.ends_on = clock.today()
    opening.save(update_fields=["ends_on"])
    _note(by, "records shut again", opening)


def _to(opening: Opening) -> UUID | None:
    return opening.setting_group_id or opening.local_area_id


def _note(by: Actor, action: str, opening: Opening) -> None:
    record.event(
        by=by,
        action=action,
        subject_kind="opening",
        subject_id=opening.id,
        detail={"setting": opening.setting_id, "to": str(opening)},
    )
