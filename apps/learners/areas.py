"""Which local areas see a learner: of the setting, of the home, and who looks after them.

A learner has three. The officers of the first two see registers, reviews and moves; of the third
only the team for those whom the authority looks after, wherever they are placed. Only actions call
this: they have asked who keeps the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from apps.access.grants import Actor
from apps.access.permissions import Right
from apps.audit import record
from apps.common import clock
from apps.learners import access_rows, policy
from apps.learners.access_rows import Grantee
from apps.learners.models import Enrolment, Learner, LearnerAccess, RecordHolder
from apps.settings.models import LocalArea, Setting

# The reasons that rows of learner access carry.
OVERSIGHT = "oversees the area"
LOOKED_AFTER = "looked after"


def oversee(learner: Learner, setting_area_id: UUID | None) -> None:
    """The area of the setting and the area where the learner lives see registers and moves."""
    areas = {a for a in (setting_area_id, learner.home_area_id) if a}
    current = LearnerAccess.objects.filter(learner=learner, reason=OVERSIGHT, ends_on=None)
    current.exclude(grantee_id__in=areas).update(ends_on=clock.today())
    for area_id in areas:
        access_rows.give(
            learner_id=learner.id,
            kind=Grantee.LOCAL_AREA,
            grantee_id=area_id,
            right=Right.READ,
            reason=OVERSIGHT,
        )


def look_after(learner: Learner) -> None:
    """The team of the authority that looks after the learner reads; any other does no more."""
    authority = learner.looked_after_by
    current = LearnerAccess.objects.filter(learner=learner, reason=LOOKED_AFTER, ends_on=None)
    if authority is None:
        current.update(ends_on=clock.today())
        return
    current.exclude(grantee_id=authority.looked_after_team_id).update(ends_on=clock.today())
    access_rows.give(
        learner_id=learner.id,
        kind=Grantee.LOOKED_AFTER,
        grantee_id=authority.looked_after_team_id,
        right=Right.READ,
        reason=LOOKED_AFTER,
        because_id=authority.id,
    )


def follow(learner: Learner) -> None:
    """Bring both in line with the facts as they are now, once somebody holds the record."""
    look_after(learner)
    holder = (
        RecordHolder.objects.select_related("setting").filter(learner=learner, ends_on=None).first()
    )
    if holder:
        oversee(learner, holder.setting.local_area_id if holder.setting else None)


@dataclass(frozen=True)
class LookedAfter:
    """A learner whom an authority looks after, and the setting where they are, if any."""

    learner: Learner
    setting: Setting | None


def looked_after(actor: Actor, team_id: UUID) -> list[LookedAfter]:
    """The learners whom a team looks after, by name, wherever they are placed: two queries."""
    team = policy.current_access().filter(
        learner_id=OuterRef("pk"), grantee_id=team_id, grantee_id__in=actor.reaching(Right.READ)
    )
    learners = Learner.objects.filter(Exists(team)).select_related("home_area")
    today = clock.today()
    places = Enrolment.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=today),
        learner__in=learners,
        kind=Enrolment.Kind.MAIN,
        starts_on__lte=today,
    )
    where = {e.learner_id: e.setting for e in places.select_related("setting__local_area")}
    rows = learners.order_by("name_key", "id")
    return [LookedAfter(learner, where.get(learner.id)) for learner in rows]


@transaction.atomic
def note_looked_after(*, by: Actor, learner: Learner, authority: LocalArea | None) -> None:
    """Say which authority looks after the learner, or that none does any more; true at once.

    Raises NotVisible or Refused to all but whoever keeps the record.
    """
    policy.check_can_hold(by, learner.id)
    before = learner.looked_after_by
    learner.looked_after_by = authority
    learner.version += 1
    learner.save(update_fields=["looked_after_by", "version"])
    look_after(learner)
    record.event(
        by=by,
        action="who looks after the learner changed",
        subject_kind="learner",
        subject_id=learner.id,
        learner_id=learner.id,
        detail={
            "from": before.id if before else None,
            "to": authority.id if authority else None,
        },
    )
