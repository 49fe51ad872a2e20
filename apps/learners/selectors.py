"""Reading learners for pages and the API."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access.grants import Actor
from apps.access.permissions import Right
from apps.common import clock
from apps.common.exceptions import NotVisible
from apps.learners.access_rows import EMERGENCY, FAMILY
from apps.learners.models import (
    Enrolment,
    FamilyMember,
    FormerIdentifier,
    Learner,
    LearnerAccess,
    RecordHolder,
)
from apps.learners.names import name_key, nearest
from apps.learners.policy import check_can_read, current_access, seen_by, visible_to
from apps.settings.models import LocalArea, Setting


@dataclass(frozen=True)
class Sight:
    """A learner, and how the actor sees them."""

    learner: Learner
    right: Right
    family: bool
    overseen: bool
    knows_where: bool  # false for an adult of the family from whom whereabouts are withheld
    through: UUID  # the organisation, group or person whose right it is
    also: Mapping[str, bool]  # facts of the apps above that a page asked for in the same query

    @property
    def holds(self) -> bool:
        """Whether the actor keeps the record and it is open."""
        return self.right is Right.HOLD and not self.learner.closed_because

    @property
    def keeper(self) -> Setting | LocalArea:
        """The setting or local area whose right this is, for somebody who keeps the record."""
        found = Setting.objects.select_related("local_area").filter(pk=self.through).first()
        return found or LocalArea.objects.get(pk=self.through)

    @property
    def contributes(self) -> bool:
        """Whether the actor may add to the record."""
        return self.right.rank >= Right.CONTRIBUTE.rank and not self.learner.closed_because


def sight(actor: Actor, learner_id: UUID, **also: Exists) -> Sight:
    """The learner and the actor's right, in one query; raises NotVisible.

    `also` are facts to be known with it, as the database lets the actor see them: each asks for
    `OuterRef("learner_id")`.

    `family` is true when the only right is the actor's own, as family or young person; `overseen`
    when it is only that of a local area that reads.
    """
    rows = list(
        current_access()
        .filter(learner_id=learner_id, grantee_id__in=actor.reaching(Right.READ))
        .select_related("learner__home_area", "learner__looked_after_by")
        .annotate(**also)
    )
    rights = {row.id: _usable(actor, row) for row in rows}
    if not rights:
        raise NotVisible
    overseeing = (LearnerAccess.Grantee.LOCAL_AREA, Right.READ)
    through = max(
        rows,
        key=lambda row: (
            rights[row.id].rank,
            (row.grantee_kind, row.access_right) != overseeing,
        ),
    )
    return Sight(
        learner=rows[0].learner,
        right=rights[through.id],
        family=all(row.grantee_id == actor.user_id and row.reason != EMERGENCY for row in rows),
        overseen=all((row.grantee_kind, row.access_right) == overseeing for row in rows),
        knows_where=any(row.knows_where for row in rows),
        through=through.grantee_id,
        also={name: getattr(through, name) for name in also},
    )


def _usable(actor: Actor, row: LearnerAccess) -> Right:
    """The most that the actor can use of a row that they reach."""
    granted = Right(row.access_right)
    return max(
        (r for r in Right if r.rank <= granted.rank and row.grantee_id in actor.reaching(r)),
        key=lambda right: right.rank,
    )


def holder_name(actor: Actor, learner_id: UUID) -> str:
    """Who holds the record now, by name; empty before the first entry. Raises NotVisible."""
    check_can_read(actor, learner_id)
    holder = (
        RecordHolder.objects.filter(learner_id=learner_id, ends_on=None)
        .select_related("setting", "local_area")
        .first()
    )
    return str(holder.setting or holder.local_area) if holder else ""


def keeper(learner_id: UUID) -> Setting | None:
    """The setting that keeps the record, and before there is one that of the main enrolment.

    None where a local area's team does, or nobody. The caller has asked the policy.
    """
    holders = RecordHolder.objects.filter(learner_id=learner_id, ends_on=None)
    if holder := holders.select_related("setting").first():
        return holder.setting
    places = Enrolment.objects.filter(learner_id=learner_id, kind="main", ends_on=None)
    place = places.select_related("setting").first()
    return place.setting if place else None


def main_place(actor: Actor, learner_id: UUID) -> Enrolment | None:
    """The main enrolment of today, if there is one; raises NotVisible."""
    check_can_read(actor, learner_id)
    rows = Enrolment.objects.filter(learner_id=learner_id, kind="main", ends_on=None)
    return rows.select_related("setting").first()


def with_upn(actor: Actor, upn: str) -> QuerySet[Learner]:
    """Whoever has or had a UPN, if the actor may see them."""
    former = FormerIdentifier.objects.filter(learner_id=OuterRef("pk"), kind="upn", value=upn)
    return visible_to(actor).filter(Q(upn=upn) | Exists(former))


def enrolled_at(actor: Actor, setting_id: UUID, words: str = "") -> QuerySet[Enrolment]:
    """Current enrolments at a setting whose learners the actor may see, by name."""
    today = clock.today()
    rows = (
        Enrolment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today), setting_id=setting_id)
        .filter(seen_by(actor, "learner_id"), starts_on__lte=today)
        .select_related("learner")
        .order_by("learner__name_key", "learner_id")
    )
    for word in name_key(words).split():
        rows = rows.filter(learner__name_key__contains=word)
    return rows


def nearly_called(rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    """Of rows about learners, those whose names are nearly what was typed: two queries."""
    keys = rows.values_list("learner__name_key", flat=True).distinct()
    return rows.filter(learner__name_key__in=nearest(words, keys))


def family_to_hear(actor: Actor, learner_id: UUID) -> list[FamilyMember]:
    """The adults of a family whose words can be written down: nobody's whose access was ended."""
    rows = FamilyMember.objects.filter(
        seen_by(actor, "learner_id"), learner_id=learner_id, why_not=""
    )
    return list(rows.exclude(relation=FamilyMember.Relation.SELF).order_by("name"))


@dataclass(frozen=True)
class FamilyAccess:
    """A member of a family, what they may do today, and what changes by itself after that."""

    member: FamilyMember
    now: Right | None
    since: date | None
    next_on: date | None
    next_right: Right | None


def access_of_family(actor: Actor, learner_id: UUID) -> list[FamilyAccess]:
    """Everyone of a learner's family whom the actor may know of, with their access: two queries.

    To a member of the family themself, their own.
    """
    today = clock.today()
    current = Q(ends_on=None) | Q(ends_on__gt=today)
    rows: dict[UUID | None, list[LearnerAccess]] = {}
    for row in LearnerAccess.objects.filter(
        current, seen_by(actor, "learner_id"), learner_id=learner_id, reason=FAMILY
    ).order_by("starts_on"):
        rows.setdefault(row.because_id, []).append(row)
    family = FamilyMember.objects.filter(seen_by(actor, "learner_id"), learner_id=learner_id)
    return [_access(member, rows.get(member.id, []), today) for member in family.order_by("name")]


def _access(member: FamilyMember, rows: list[LearnerAccess], today: date) -> FamilyAccess:
    now = next((row for row in rows if row.starts_on <= today), None)
    later = next((row for row in rows if row.starts_on > today), None)
    ends = now.ends_on if now else None
    return FamilyAccess(
        member=member,
        now=Right(now.access_right) if now else None,
        since=member.access_from or (now.starts_on if now else None),
        next_on=ends or (later.starts_on if later else None),
        next_right=Right(later.access_right) if later else None,
    )
