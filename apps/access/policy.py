"""Who may invite, give roles and set up organisations.

Answers for the apps below `access` as well, which have no policy of their own.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.models import Invitation
from apps.access.permissions import Permission
from apps.access.roles import ROLES
from apps.access.selectors import places_of, who_may
from apps.accounts.models import User
from apps.common.exceptions import NotVisible, Refused

# Whom somebody has invited is no second person to them for so long.
STILL_NEW = timedelta(days=28)


def check_can_manage_people(actor: Actor, setting_id: UUID | None) -> None:
    """Raises Refused unless the actor invites people there; administrators do everywhere.

    For somebody with no place there, those people do not exist: NotVisible.
    """
    if actor.may(Permission.MANAGE_SERVICE):
        return
    if setting_id not in {place.organisation_id for place in actor.places}:
        raise NotVisible
    if setting_id is None or not actor.may(Permission.MANAGE_PEOPLE, setting_id):
        raise Refused("Only the SENCO, the head or an administrator can invite people here.")


def can_invite(actor: Actor, setting_id: UUID | None) -> bool:
    """Whether the actor invites people there now: its own, or an administrator the first ones."""
    try:
        check_can_give(actor, "senco", setting_id)
    except (NotVisible, Refused):
        return False
    return True


def check_can_give(actor: Actor, role: str, setting_id: UUID | None) -> None:
    """Raises Refused for a role that the actor may not give: a setting gives its own roles only."""
    check_can_manage_people(actor, setting_id)
    own = {place.organisation_id for place in actor.places}
    if setting_id and setting_id not in own and who_may(Permission.MANAGE_PEOPLE, setting_id):
        raise Refused(
            "This setting has people who invite its own staff. An administrator invites only the "
            "first of them."
        )
    if ROLES[role].held_at != "setting" and not actor.may(Permission.MANAGE_SERVICE):
        raise Refused("Only an administrator can give that role.")


def check_can_open_records(actor: Actor, setting_id: UUID) -> None:
    """Raises NotVisible to strangers, Refused unless the actor manages the setting's people.

    An administrator sets up people and opens no record: the setting alone does.
    """
    if setting_id not in {place.organisation_id for place in actor.places}:
        raise NotVisible
    if not actor.may(Permission.MANAGE_PEOPLE, setting_id):
        raise Refused("Only the SENCO or the head can open this setting's records to others.")


def check_is_administrator(actor: Actor) -> None:
    """Raises NotVisible to anyone else: these pages do not exist for them."""
    asked()
    if not actor.may(Permission.MANAGE_SERVICE):
        raise NotVisible


def check_can_close_account(actor: Actor, user_id: UUID) -> None:
    """Raises NotVisible to all but administrators, Refused for one's own account."""
    check_is_administrator(actor)
    if actor.key == user_id:
        raise Refused("Nobody closes or opens their own account. Ask another administrator.")


def check_can_reset_second_step(actor: Actor, user_id: UUID) -> None:
    """Raises Refused for oneself, and where the person has a role that the actor does not manage.

    Whoever manages people at one setting would otherwise open what the person may see at another.
    For somebody who works nowhere the actor does, NotVisible.
    """
    if not actor.may(Permission.MANAGE_SERVICE):
        places = places_of(user_id)
        ours = [i for i in places if i in {place.organisation_id for place in actor.places}]
        check_can_manage_people(actor, ours[0] if ours else None)
        if not all(i and actor.may(Permission.MANAGE_PEOPLE, i) for i in places):
            raise Refused(
                "This person works elsewhere too: an administrator resets their second step."
            )
    if actor.key == user_id:
        raise Refused("Nobody resets their own second step. Ask somebody else who may.")


def check_is_second(actor: Actor, proposed_by: UUID, since: datetime) -> None:
    """Raises Refused to an account that may be the first person's own.

    One made after that moment, or joined with a code of the first person's in the weeks before.
    """
    asked()
    if actor.key == proposed_by:
        raise Refused("You proposed this, so somebody else decides.")
    if not User.objects.filter(pk=actor.key, date_joined__lt=since).exists():
        raise Refused("Your account is newer than what was proposed, so somebody else decides.")
    codes = Invitation.objects.filter(invited_by_id=proposed_by, accepted_by_id=actor.key)
    if codes.exclude(role="").filter(accepted_at__gt=since - STILL_NEW).exists():
        raise Refused(
            "Whoever proposed this invited you less than four weeks before, so somebody else "
            "decides: another who may at the setting, or the local area's officer."
        )
