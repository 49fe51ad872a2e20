"""Reading what was noticed: the setting's SENCO, and whoever noticed, their own."""

from __future__ import annotations

from uuid import UUID

from django.db.models import DateField, Q, QuerySet
from django.db.models.functions import Cast, Coalesce

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.learners.policy import seen_by, whereabouts_seen_by
from apps.reviews.models import Noticing

SETTLED = 20


def kept_by(actor: Actor, setting_id: UUID) -> QuerySet[Noticing]:
    """What was noticed at a setting whose register the actor keeps, of those whom they see."""
    if not actor.may(Permission.KEEP_REGISTER, setting_id):
        return Noticing.objects.none()
    rows = Noticing.objects.filter(
        seen_by(actor, "learner_id"), setting_id=setting_id, learner__closed_because=""
    )
    return rows.select_related("learner")


def get(actor: Actor, noticing_id: UUID) -> Noticing:
    """One, for whoever keeps the register of its setting; raises NotVisible."""
    rows = Noticing.objects.filter(
        seen_by(actor, "learner_id"),
        pk=noticing_id,
        setting_id__in=actor.organisations(Permission.KEEP_REGISTER),
    )
    found = rows.select_related("learner", "setting").first()
    if found is None:
        raise NotVisible
    return found


def waiting(actor: Actor, setting_id: UUID) -> QuerySet[Noticing]:
    """What waits for the SENCO, the most urgent first: new, or support to look at again by now."""
    rows = kept_by(actor, setting_id).filter(
        Q(state=Noticing.State.OPEN)
        | Q(state=Noticing.State.CLASS_SUPPORT, look_again_on__lte=clock.today())
    )
    since = Coalesce("look_again_on", Cast("noticed_at", DateField()))
    return rows.alias(since=since).order_by("since", "learner__name_key", "id")


def supported(actor: Actor, setting_id: UUID) -> QuerySet[Noticing]:
    """Support in class that runs, by the day to look again."""
    rows = kept_by(actor, setting_id).filter(state=Noticing.State.CLASS_SUPPORT)
    return rows.filter(look_again_on__gt=clock.today()).order_by("look_again_on", "id")


def settled(actor: Actor, setting_id: UUID) -> QuerySet[Noticing]:
    """What came to an end lately, newest first."""
    rows = kept_by(actor, setting_id)
    rows = rows.filter(state__in=[Noticing.State.ENTRY, Noticing.State.CLOSED])
    return rows.order_by("-settled_at")[:SETTLED]


def own(actor: Actor, learner_id: UUID | None = None) -> QuerySet[Noticing]:
    """What the actor noticed, of those whom they may see still, newest first.

    The answer says who works with the learner: it is for those who may know where that is.
    """
    rows = Noticing.objects.filter(whereabouts_seen_by(actor, "learner_id"), author_id=actor.key)
    if learner_id:
        rows = rows.filter(learner_id=learner_id)
    return rows.select_related("learner").order_by("-noticed_at")


def first_words(actor: Actor, learner_id: UUID, setting_id: UUID) -> str:
    """What was seen first, of what waits: with this a register entry begins."""
    rows = kept_by(actor, setting_id).filter(learner_id=learner_id)
    rows = rows.filter(state__in=[Noticing.State.OPEN, Noticing.State.CLASS_SUPPORT])
    return rows.order_by("noticed_at").values_list("seen", flat=True).first() or ""
