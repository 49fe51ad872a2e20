"""Reading people and invitations for the pages that manage them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.access.models import ApiClient, Invitation, Membership
from apps.access.permissions import Permission
from apps.access.roles import ROLES, Through
from apps.accounts.models import User
from apps.common import clock
from apps.settings.models import LocalArea, Setting, SettingGroup, SettingIdentifier

Organisation = Setting | SettingGroup | LocalArea | None  # None: the service itself
_KINDS: dict[type, str] = {
    Setting: "setting",
    SettingGroup: "setting_group",
    LocalArea: "local_area",
    type(None): "service",
}


def held_at(place: Organisation) -> str:
    """At which kind of place a role there is held, as `roles.Role` says it."""
    return _KINDS[type(place)]


def at(place: Organisation) -> dict[str, Any]:
    """The columns of a membership or invitation at a place."""
    kinds = ("setting", "setting_group", "local_area")
    return {kind: place if kind == held_at(place) else None for kind in kinds}


def people_of(place: Organisation) -> list[Membership]:
    """Current and coming roles at a place, by name."""
    rows = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=clock.today()), **at(place))
    return list(rows.select_related("user").order_by("user__name", "role"))


def who_may(permission: Permission, place_id: UUID) -> list[UUID]:
    """The people whose role at a setting or local area today allows this."""
    roles = [role.code for role in ROLES.values() if permission in role.permissions]
    today = clock.today()
    rows = Membership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today),
        Q(setting_id=place_id) | Q(local_area_id=place_id),
        role__in=roles,
        starts_on__lte=today,
        user__is_active=True,
    )
    return list(rows.values_list("user_id", flat=True).distinct())


def teaching_at(setting_id: UUID) -> list[Membership]:
    """Who teaches or supports learners at a setting today, by name, with their person."""
    today = clock.today()
    rows = Membership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today),
        setting_id=setting_id,
        role__in=[r.code for r in ROLES.values() if r.through is Through.GROUPS],
        starts_on__lte=today,
        user__is_active=True,
    )
    return list(rows.select_related("user").order_by("user__name", "id"))


def who_is_told_for(place_id: UUID) -> list[UUID]:
    """Whoever does the work of a setting or local area, and so reads what it is told."""
    keepers = who_may(Permission.KEEP_REGISTER, place_id)
    return keepers or who_may(Permission.OVERSEE_AREA, place_id)


def places_of(user_id: UUID) -> list[UUID | None]:
    """Where a person has a role today or later: settings, local areas, None for a trust or more."""
    rows = Membership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=clock.today()), user_id=user_id
    )
    return [m.setting_id or m.local_area_id for m in rows.order_by("starts_on", "id")]


def who_looks_after(user_id: UUID) -> list[UUID]:
    """Whoever manages people where this person works; administrators, of the others."""
    places = places_of(user_id)
    found = [p for place in places if place for p in who_may(Permission.MANAGE_PEOPLE, place)]
    return found or administrators()


def administrators() -> list[UUID]:
    """The administrators of the service today."""
    today = clock.today()
    rows = Membership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today),
        role="administrator",
        starts_on__lte=today,
        user__is_active=True,
    )
    return list(rows.values_list("user_id", flat=True))


def find_accounts(words: str, *, most: int) -> list[User]:
    """Accounts with this e-mail address, or with these words in the name; by name."""
    if not words:
        return []
    rows = User.objects.filter(Q(email=words.lower()) | Q(name__icontains=words))
    return list(rows.order_by("name", "email")[:most])


def account(user_id: UUID) -> User | None:
    """One account, with its roles of today and later as `roles_now`."""
    found = User.objects.filter(pk=user_id).first()
    if found:
        now = Q(ends_on=None) | Q(ends_on__gt=clock.today())
        rows = Membership.objects.filter(now, user=found)
        rows = rows.select_related("setting", "setting_group", "local_area")
        found.roles_now = list(rows.order_by("starts_on"))  # type: ignore[attr-defined]
    return found


def still_invites(invitation: Invitation) -> bool:
    """Whether whoever invited still gives roles there: its own people, or an administrator."""
    today = clock.today()
    roles = [role.code for role in ROLES.values() if Permission.MANAGE_PEOPLE in role.permissions]
    return Membership.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today),
        Q(setting_id=invitation.setting_id) | Q(**at(None)),
        user_id=invitation.invited_by_id,
        user__is_active=True,
        role__in=roles,
        starts_on__lte=today,
    ).exists()


def open_invitation(invitation_id: UUID) -> Invitation | None:
    """A staff invitation that nobody has taken up."""
    rows = Invitation.objects.filter(pk=invitation_id, accepted_at=None)
    return rows.exclude(role="").select_related("setting", "setting_group", "local_area").first()


def invited_to(place: Organisation) -> list[Invitation]:
    """Staff invitations that can still be used, newest first."""
    rows = Invitation.objects.filter(accepted_at=None, expires_at__gt=clock.now(), **at(place))
    return list(rows.exclude(role="").order_by("-created_at"))


def membership(membership_id: UUID) -> Membership | None:
    """One membership with its person and place."""
    rows = Membership.objects.select_related("user", "setting", "setting_group", "local_area")
    return rows.filter(pk=membership_id).first()


def left_behind() -> list[Setting]:
    """Closed settings at which people still hold roles: an administrator passes them on."""
    today = clock.today()
    current = Membership.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today))
    rows = Setting.objects.filter(status=Setting.Status.CLOSED, pk__in=current.values("setting_id"))
    return list(rows.order_by("name"))


def organisations_named(numbers: dict[str, str]) -> set[UUID]:
    """The setting with this `urn` or `ukprn`, or the local area with this `la` code, today."""
    if code := numbers.get("la"):
        return set(LocalArea.objects.filter(code=code).values_list("id", flat=True))
    now = Q(ends_on=None) | Q(ends_on__gt=clock.today())
    rows = SettingIdentifier.objects.filter(
        Q(kind="urn", value=numbers.get("urn", ""))
        | Q(now, kind="ukprn", value=numbers.get("ukprn", ""))
    )
    return set(rows.values_list("setting_id", flat=True))


def systems() -> list[ApiClient]:
    """Every connected system, those in use first."""
    return list(ApiClient.objects.select_related("application").order_by("-ended_at", "name"))


def system(client_id: UUID) -> ApiClient | None:
    """One connected system."""
    return ApiClient.objects.select_related("application").filter(pk=client_id).first()


def find_others(words: str, most: int) -> list[LocalArea | SettingGroup]:
    """Local areas and groups whose name has these words, for whoever gives roles there."""
    areas = LocalArea.objects.filter(ends_on=None, name__icontains=words).order_by("name")
    groups = SettingGroup.objects.filter(name__icontains=words).order_by("name")
    return [*areas[:most], *groups[:most]]
