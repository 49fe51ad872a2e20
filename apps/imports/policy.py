"""Who may bring a file in, and see what it would do."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common.exceptions import NotVisible, Refused
from apps.imports.models import Import


def check_can_import(actor: Actor, setting_id: UUID) -> None:
    """Raises Refused unless the actor brings learners into this setting."""
    asked()
    if not (actor.may(Permission.IMPORT, setting_id) or setting_id in actor.extra_holds):
        raise Refused("Only the SENCO or an assistant can bring in a list of learners.")


def visible_to(actor: Actor) -> QuerySet[Import]:
    """The imports of settings where the actor imports."""
    asked()
    settings = [*actor.organisations(Permission.IMPORT), *actor.extra_holds]
    return Import.objects.filter(setting_id__in=settings)


def get(actor: Actor, import_id: UUID) -> Import:
    """An import that the actor may see; raises NotVisible."""
    found = visible_to(actor).select_related("setting").filter(pk=import_id).first()
    if found is None:
        raise NotVisible
    return found
