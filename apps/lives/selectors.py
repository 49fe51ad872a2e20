"""Reading closed records."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.access.grants import Actor
from apps.common import clock
from apps.learners.models import Enrolment, Learner
from apps.learners.policy import check_can_read, seen_by
from apps.lives.models import Closure
from apps.settings.models import Setting
from apps.transitions.models import Transition
from apps.transitions.states import ENDED


def closed_records(actor: Actor) -> QuerySet[Closure]:
    """Records of children who have died, of those whom the actor may read, the latest first."""
    return (
        Closure.objects.filter(
            seen_by(actor, "learner_id"), because=Learner.Closed.DIED, undone_at=None
        )
        .select_related("learner")
        .order_by("-closed_at")
    )


def involved(actor: Actor, learner_id: UUID) -> list[str]:
    """Settings that expect the child or have them too: a person tells them, and no message."""
    check_can_read(actor, learner_id)
    now_on = Q(ends_on=None) | Q(ends_on__gt=clock.today())
    places = Enrolment.objects.filter(now_on, learner_id=learner_id).exclude(kind="main")
    moves = Transition.objects.filter(learner_id=learner_id, to_setting__isnull=False)
    settings = Setting.objects.filter(
        Q(pk__in=places.values("setting_id"))
        | Q(pk__in=moves.exclude(state__in=ENDED).values("to_setting_id"))
    )
    return [str(setting) for setting in settings.order_by("name")]
