"""Reading meetings: what is to come, and whether a review's conversation has been held."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.access import selectors as people
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.accounts.models import User
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.learners.models import FamilyMember
from apps.learners.policy import seen_by, whereabouts_seen_by
from apps.reviews.models import Meeting, Review

TO_COME = (Meeting.State.OFFERED, Meeting.State.BOOKED)


def visible_to(actor: Actor, *, family: bool) -> QuerySet[Meeting]:
    """The meetings that this actor may see; of a family, those to which they are invited."""
    if not family:
        return Meeting.objects.filter(seen_by(actor, "learner_id"))
    mine = FamilyMember.objects.filter(user_id=actor.key, may_see=True)
    keys = list(mine.values_list("id", flat=True))
    rows = Meeting.objects.filter(whereabouts_seen_by(actor, "learner_id"))
    return rows.filter(invited__overlap=keys) if keys else rows.none()


def get(actor: Actor, meeting_id: UUID, *, family: bool) -> Meeting:
    """One meeting; raises NotVisible."""
    rows = visible_to(actor, family=family).select_related("learner", "setting", "local_area")
    found = rows.filter(pk=meeting_id).first()
    if found is None:
        raise NotVisible
    return found


def of_learner(actor: Actor, learner_id: UUID, *, family: bool) -> list[Meeting]:
    """The meetings about a learner, newest first."""
    rows = visible_to(actor, family=family).filter(learner_id=learner_id)
    return list(rows.select_related("setting", "local_area").order_by("-offered_at"))


def to_come(actor: Actor, setting_id: UUID, most: int) -> list[Meeting]:
    """What a setting has offered or booked, the next first, and those not yet noted as held."""
    rows = visible_to(actor, family=False).filter(setting_id=setting_id, state__in=TO_COME)
    rows = rows.filter(learner__closed_because="").select_related("learner")
    return list(rows.order_by("starts_at", "offered_at")[:most])


def spoken_with_since(since: date) -> Q:
    """Of a query with `learner_id`: whether anybody spoke with the family since a day, as a signed
    review or a meeting says.
    """
    said = Review.objects.filter(learner_id=OuterRef("learner_id"), conversation_on__gte=since)
    held = Meeting.objects.filter(
        learner_id=OuterRef("learner_id"), state=Meeting.State.HELD, held_on__gte=since
    )
    return Q(Exists(said)) | Q(Exists(held))


def conversation_held(review: Review) -> date | None:
    """The day of the last conversation with the family since this review was opened, if any."""
    since = timezone.localtime(review.opened_at).date()
    rows = Meeting.objects.filter(
        learner_id=review.learner_id, state=Meeting.State.HELD, held_on__gte=since
    )
    return rows.order_by("-held_on").values_list("held_on", flat=True).first()


def invitable(actor: Actor, learner_id: UUID) -> list[FamilyMember]:
    """Everyone of the family whose access was not ended, for whoever keeps the record."""
    rows = FamilyMember.objects.filter(seen_by(actor, "learner_id"), learner_id=learner_id)
    return list(rows.filter(why_not="").order_by("name"))


def names(learner_id: UUID, invited: Iterable[UUID]) -> list[str]:
    """Who is invited, by name."""
    rows = FamilyMember.objects.filter(learner_id=learner_id, id__in=list(invited))
    return list(rows.order_by("name").values_list("name", flat=True))


def who_to_ring(setting_id: UUID) -> list[str]:
    """The names of those who keep the records of a setting: whom a family asks for."""
    ids = people.who_may(Permission.REVIEW, setting_id)
    return list(User.objects.filter(pk__in=ids).order_by("name").values_list("name", flat=True))


def tomorrow() -> QuerySet[Meeting]:
    """What is booked for tomorrow, everywhere: for the worker, which reminds."""
    today = timezone.localtime(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    return Meeting.objects.filter(
        state=Meeting.State.BOOKED,
        starts_at__gte=today + timedelta(days=1),
        starts_at__lt=today + timedelta(days=2),
    )
