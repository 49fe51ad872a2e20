"""Inviting people, giving and ending roles."""

from __future__ import annotations

import hashlib
import secrets
from datetime import date, timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, QuerySet

from apps.access import grants, policy, rls, selectors
from apps.access.grants import Actor
from apps.access.models import Invitation, Membership
from apps.access.permissions import Permission
from apps.access.roles import ROLES
from apps.accounts.models import User
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.notifications import actions as notifications
from apps.settings.models import LocalArea, Setting, SettingGroup

# No letters or digits that are mistaken for one another when read aloud or from paper.
_SIGNS = "ABCDEFGHJKMNPQRTUVWXYZ2346789"
_MOST_ATTEMPTS = 10


def new_code() -> str:
    """A one-time code such as "K7QM-4TRB-X2HD": about 58 bits, easy to read aloud."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(3))


def code_digest(code: str) -> str:
    """What is kept of a code; spaces, hyphens and capitals do not matter."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(plain.encode()).hexdigest()


@transaction.atomic
def invite_staff(
    *,
    by: Actor,
    email: str,
    name: str,
    role: str,
    setting: Setting | None = None,
    local_area: LocalArea | None = None,
    setting_group: SettingGroup | None = None,
    starts_on: date | None = None,
    last_day: date | None = None,
) -> tuple[Invitation, str]:
    """Invite somebody to a role; returns the invitation and the code, which is shown only now.

    Without dates the role begins when it is taken up, and lasts until somebody ends it. Raises
    Invalid for dates that are past or the wrong way round.
    """
    policy.check_can_give(by, role, setting.id if setting else None)
    if User.objects.filter(pk=by.key, email=email.strip().lower()).exists():
        raise Invalid(
            "Nobody gives a role to themselves.",
            {"email": "This is your own address: somebody else has to give you this role"},
        )
    place = setting or setting_group or local_area
    if ROLES[role].held_at != selectors.held_at(place):
        raise Invalid("Choose where the role is held.", {"role": "This role is held elsewhere."})
    if last_day and last_day < max(clock.today(), starts_on or clock.today()):
        raise Invalid(
            "Check the dates.", {"last_day": "The last day must be after the first, and not past"}
        )
    return _invite(
        by,
        email=email,
        name=name,
        role=role,
        **selectors.at(place),
        starts_on=starts_on,
        ends_on=last_day and last_day + timedelta(days=1),
    )


@transaction.atomic
def invite_family(
    *,
    by: Actor,
    email: str,
    name: str,
    family_member_id: UUID,
    learner_id: UUID,
    setting: Setting | None = None,
    local_area: LocalArea | None = None,
) -> tuple[Invitation, str]:
    """Invite a family member; the code is given in person or by post, never by e-mail alone.

    By the setting, or the local area, that holds the learner's record: the caller has asked that.
    """
    return _invite(
        by,
        email=email,
        name=name,
        role="",
        setting=setting,
        local_area=local_area,
        family_member_id=family_member_id,
        learner_id=learner_id,
    )


def _invite(by: Actor, **values: object) -> tuple[Invitation, str]:
    code = new_code()
    now = clock.now()
    values["email"] = str(values["email"]).strip().lower()
    invitation = Invitation.objects.create(
        code_digest=code_digest(code),
        invited_by_id=by.key,
        created_at=now,
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
        **values,
    )
    audit.event(
        by=by,
        action="invited",
        subject_kind="invitation",
        subject_id=invitation.id,
        learner_id=invitation.learner_id,
        detail={"role": invitation.role or "family", "email": invitation.email},
    )
    return invitation, code


def find_invitation(*, code: str, email: str) -> Invitation:
    """The open invitation for a code and an address, locked; both must be right.

    Raises Invalid with the same words whatever is wrong.
    """
    wrong = Invalid(
        "That code does not work with that e-mail address. Check both, or ask for a new code.",
        {"code": "Check the code and the e-mail address that it was given for."},
    )
    found = (
        Invitation.objects.select_for_update()
        .filter(code_digest=code_digest(code), accepted_at=None)
        .filter(expires_at__gt=clock.now(), attempts__lt=_MOST_ATTEMPTS)
        .first()
    )
    if found is None:
        raise wrong
    if found.email != email.strip().lower():
        Invitation.objects.filter(pk=found.pk).update(attempts=F("attempts") + 1)
        raise wrong
    return found


def invitation_in_hand(invitation_id: UUID) -> Invitation:
    """The open invitation whose code somebody gave before they went to a provider, locked.

    Raises Invalid where it was used or ended meanwhile.
    """
    open_ones = Invitation.objects.select_for_update().filter(accepted_at=None)
    found = open_ones.filter(pk=invitation_id, expires_at__gt=clock.now()).first()
    if found is None:
        raise Invalid("That code works no longer. Ask for a new one.")
    return found


@transaction.atomic
def accept_staff(*, invitation: Invitation, user: User) -> Membership | None:
    """Use an invitation up; for staff, give the role from today."""
    invitation.accepted_at = clock.now()
    invitation.accepted_by = user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    if not invitation.role:
        return None
    if invitation.invited_by_id == user.id:
        raise Invalid("You cannot take up a role that you gave yourself.")
    if not selectors.still_invites(invitation):
        raise Invalid("Whoever invited you cannot give this role any more. Ask for a new code.")
    if invitation.ends_on and invitation.ends_on <= clock.today():
        raise Invalid("This role has ended already. Ask whoever invited you for a new code.")
    _tell_of_new_role(invitation, user)
    membership = Membership.objects.create(
        user=user,
        role=invitation.role,
        **selectors.at(invitation.place),
        starts_on=max(clock.today(), invitation.starts_on or clock.today()),
        ends_on=invitation.ends_on,
    )
    audit.event(
        by=Actor(user_id=user.id, name=user.name),
        action="role taken up",
        subject_kind="membership",
        subject_id=membership.id,
        detail={"role": membership.role},
    )
    return membership


def _tell_of_new_role(invitation: Invitation, user: User) -> None:
    """Whoever manages a setting's people is told of each who joins, whoever invited them.

    Of a setting's first, and of whoever leads it or its safeguarding, its local area is told.
    """
    if invitation.setting is None:
        return
    with rls.acting(grants.worker()):  # whoever joins is nobody yet to the database
        notifications.tell(
            recipients=_who_watch(invitation.setting, invitation.role),
            learner_id=None,
            kind="new role",
            text=f"{user.name} is now {ROLES[invitation.role].name} at {invitation.setting}.",
            link="/people/",
            key=f"role:{invitation.id}",
        )


def _who_watch(setting: Setting, role: str) -> list[UUID]:
    """Who is told when a role at a setting begins or ends, so that nobody remakes it unseen."""
    people = selectors.who_may(Permission.MANAGE_PEOPLE, setting.id)
    leads = Permission.GUARD_READINGS in ROLES[role].permissions
    return people + ([setting.local_area_id] if leads or not people else [])


@transaction.atomic
def end_membership(*, by: Actor, membership: Membership, on: date | None = None) -> None:
    """End a role, true at the person's very next request."""
    policy.check_can_manage_people(by, membership.setting_id)
    today = on or clock.today()
    if membership.ends_on is not None and membership.ends_on <= today:
        raise InvalidTransition("This role has ended already.")
    if membership.starts_on >= today:
        membership.delete()
    else:
        membership.ends_on = today
        membership.save(update_fields=["ends_on"])
    _tell_of_ended_role(by, membership)
    place = selectors.at(membership.place)
    _cancel(Invitation.objects.filter(email=membership.user.email, **place))
    audit.event(
        by=by,
        action="role ended",
        subject_kind="membership",
        subject_id=membership.id,
        detail={"role": membership.role, "user": membership.user_id},
    )


def _tell_of_ended_role(by: Actor, membership: Membership) -> None:
    """Whoever had the role is told, and whoever would be told of a new one."""
    if membership.setting is None:
        return
    name, setting = ROLES[membership.role].name, membership.setting
    told = {membership.user_id, *_who_watch(setting, membership.role)} - {by.key}
    notifications.tell(
        recipients=sorted(told),
        learner_id=None,
        kind="role ended",
        text=f"{membership.user.name} is no longer {name} at {setting}: ended by {by.name}.",
        link="/home/",
        key=f"role-ended:{membership.id}",
    )


@transaction.atomic
def cancel_invitation(*, by: Actor, invitation: Invitation) -> None:
    """A code that can no longer be used. Raises Refused or NotVisible to strangers."""
    policy.check_can_manage_people(by, invitation.setting_id)
    _cancel(Invitation.objects.filter(pk=invitation.pk))
    audit.event(
        by=by,
        action="invitation cancelled",
        subject_kind="invitation",
        subject_id=invitation.id,
        learner_id=invitation.learner_id,
        detail={"email": invitation.email},
    )


def cancel_family_invitations(*, family_member_id: UUID) -> None:
    """The codes given to an adult whose access ends; the caller has asked who may end it."""
    _cancel(Invitation.objects.filter(family_member_id=family_member_id))


def _cancel(invitations: QuerySet[Invitation]) -> None:
    now = clock.now()
    invitations.filter(accepted_at=None, expires_at__gt=now).update(expires_at=now)


@transaction.atomic
def make_administrator(*, by: Actor, email: str, name: str, password: str) -> User:
    """The first administrator, made by an operator at the command line; others are invited.

    Raises Invalid when somebody has this address already.
    """
    policy.check_is_administrator(by)
    if User.objects.filter(email=email.lower()).exists():
        raise Invalid("Somebody with this address is here already.")
    user = User.objects.create_user(email.lower(), name, password)
    membership = Membership.objects.create(user=user, role="administrator", starts_on=clock.today())
    audit.event(
        by=by,
        action="role given",
        subject_kind="membership",
        subject_id=membership.id,
        detail={"user": user.id, "role": "administrator"},
    )
    return user
