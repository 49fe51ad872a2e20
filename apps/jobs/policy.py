"""Who has long work done, and who sees how far it is."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common.exceptions import NotVisible, Refused
from apps.jobs.models import Job


def check_can_start(actor: Actor, setting_id: UUID) -> None:
    """Raises Refused unless the actor is a person who keeps this setting's register.

    What the job does asks a policy of its own, now and when it is done.
    """
    asked()
    if actor.person_id is None or not actor.may(Permission.KEEP_REGISTER, setting_id):
        raise Refused("Only the SENCO or an assistant can do this for many learners at once.")


def visible_to(actor: Actor) -> QuerySet[Job]:
    """The jobs of settings whose register the actor keeps: the work belongs to the role."""
    asked()
    return Job.objects.filter(setting_id__in=actor.organisations(Permission.KEEP_REGISTER))


def get(actor: Actor, job_id: UUID) -> Job:
    """A job that the actor may see; raises NotVisible."""
    found = visible_to(actor).select_related("setting").filter(pk=job_id).first()
    if found is None:
        raise NotVisible
    return found
