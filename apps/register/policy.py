"""Who sees a setting's register."""

from __future__ import annotations

from uuid import UUID

from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common.exceptions import Refused


def check_can_see_register(actor: Actor, setting_id: UUID) -> None:
    """Raises Refused unless the actor sees the register of this setting."""
    asked()
    if not actor.may(Permission.SEE_REGISTER, setting_id):
        raise Refused("Only the setting's inclusion team sees its register.")
