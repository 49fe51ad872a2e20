"""What the record that goes on takes over from the one joined into it, and gives back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Greatest

from apps.access.permissions import Right
from apps.common import clock
from apps.common.exceptions import InvalidTransition
from apps.learners import deciding
from apps.learners.access_rows import FAMILY, Grantee
from apps.learners.actions import ALSO, HOLDER
from apps.learners.areas import OVERSIGHT
from apps.learners.models import (
    EHCPlan,
    Enrolment,
    FamilyMember,
    Learner,
    LearnerAccess,
    RecordHolder,
    TeachingGroupMember,
)
from apps.learners.names import name_key
from apps.learners.places import RIGHTS
from apps.lives.actions import numbers
from apps.lives.changes import Changes
from apps.reviews.models import Acknowledgement, Ask, Contribution

RELATIVES, PLACE, PLAN, LISTED = "family", "place", "plan", "register"
TWO = "The two records were joined by mistake"

ORDER = ("order_kind", "order_seen", "order_from", "order_to")


@dataclass(frozen=True)
class Facts:
    """Where the joined learner was until now."""

    places: list[Enrolment]
    plan: EHCPlan | None
    groups: list[LearnerAccess]


def facts_of(learner: Learner) -> Facts:
    """The facts, before they end."""
    today = clock.today()
    now_on = Q(ends_on=None) | Q(ends_on__gt=today)
    places = Enrolment.objects.filter(now_on, learner=learner).select_related("setting")
    return Facts(
        places=list(places.order_by("kind")),
        plan=EHCPlan.objects.filter(now_on, learner=learner).first(),
        groups=list(
            LearnerAccess.objects.filter(
                now_on, learner=learner, grantee_kind=Grantee.TEACHING_GROUP
            )
        ),
    )


def take_family(kept: Learner, joined: Learner, changes: Changes) -> None:
    """Whoever could read the one reads the other; whose access to one was ended reads neither.

    Their rights are laid out as for any of the family: by age, by what the young person decided,
    and by whether they may know where the child is.
    """
    known = {_who(member): member for member in FamilyMember.objects.filter(learner=kept)}
    rights = LearnerAccess.objects.filter(learner=kept, reason=FAMILY)
    with changes.watching(RELATIVES, rights):
        for member in FamilyMember.objects.filter(learner=joined):
            mine = known.get(_who(member))
            if mine is None:
                mine = _copied(member, kept)
                changes.add(RELATIVES, mine)
            elif member.why_not and mine.may_see:
                # The stricter of the two decisions about one adult holds.
                today = clock.today()
                ended = {"may_see": False, "why_not": member.why_not, "access_to": today}
                ended["look_again_on"] = member.look_again_on
                changes.update(RELATIVES, mine, **ended)
            if member.order_kind and not mine.order_kind:
                order = {name: getattr(member, name) for name in ORDER}
                changes.update(RELATIVES, mine, **order)
            if mine.user_id:
                deciding.lay_rights(kept, only=mine)


def check_family(kept: Learner, joined: Learner) -> None:
    """Raises InvalidTransition where somebody barred from one record may be who reads the other.

    People are told apart by their account, or by name; a person decides, and no guess.
    """
    sides = [list(FamilyMember.objects.filter(learner=side)) for side in (kept, joined)]
    for these, others in (sides, reversed(sides)):
        here = {_who(member) for member in these}
        barred = {_who(m) for m in these if m.why_not} - {_who(member) for member in others}
        strangers = [m for m in others if m.may_see and _who(m) not in here]
        if barred and strangers:
            raise InvalidTransition(
                f"{strangers[0].name} reads the one record, and an adult’s access to the other was "
                "ended who may be the same. End or invite there first, so that it is clear."
            )


def _copied(member: FamilyMember, kept: Learner) -> FamilyMember:
    values = {
        f.attname: getattr(member, f.attname)
        for f in FamilyMember._meta.concrete_fields
        if f.name not in {"id", "learner"}
    }
    return FamilyMember(learner=kept, **values)


def _who(member: FamilyMember) -> object:
    """What tells family members apart: the person who signs in, or the name."""
    return member.user_id or name_key(member.name)


def take_place(kept: Learner, before: Facts, changes: Changes) -> None:
    """The joined learner's places become the kept one's: main if there is none, else a second."""
    today = clock.today()
    current = Q(ends_on=None) | Q(ends_on__gt=today)
    own = list(Enrolment.objects.filter(current, learner=kept))
    has_main = any(e.kind == Enrolment.Kind.MAIN for e in own)
    there = {e.setting_id for e in own}
    for place in before.places:
        if place.setting_id in there:
            continue
        is_main = place.kind == Enrolment.Kind.MAIN
        kind = Enrolment.Kind.SUBSIDIARY if is_main and has_main else Enrolment.Kind(place.kind)
        new = Enrolment(
            learner=kept,
            setting_id=place.setting_id,
            kind=kind,
            year_group=place.year_group,
            class_name=place.class_name,
            starts_on=today,
        )
        changes.add(PLACE, new)
        if kind == Enrolment.Kind.MAIN:
            _pass_to(kept, place, changes)
        else:
            access = _access(kept, Grantee.SETTING, place.setting_id, RIGHTS[kind], ALSO)
            access.because_id = new.id
            changes.add(PLACE, access)
    _take_groups(kept, before, changes)


def _take_groups(kept: Learner, before: Facts, changes: Changes) -> None:
    """Whoever teaches the child under the one name sees the one record."""
    known = set(
        LearnerAccess.objects.filter(
            learner=kept, grantee_kind=Grantee.TEACHING_GROUP, ends_on=None
        ).values_list("grantee_id", flat=True)
    )
    for access in before.groups:
        if access.grantee_id in known:
            continue
        right = Right(access.access_right)
        changes.add(
            PLACE,
            _access(kept, Grantee.TEACHING_GROUP, access.grantee_id, right, access.reason),
        )
        if not TeachingGroupMember.objects.filter(learner=kept, group=access.grantee_id).exists():
            changes.add(PLACE, TeachingGroupMember(learner=kept, group_id=access.grantee_id))


def _pass_to(kept: Learner, place: Enrolment, changes: Changes) -> None:
    """The kept record had no setting: its holder is now the one where the child is."""
    today = clock.today()
    changes.add(PLACE, _access(kept, Grantee.SETTING, place.setting_id, Right.HOLD, HOLDER))
    holder = RecordHolder.objects.filter(learner=kept, ends_on=None).first()
    if holder is None:
        return
    changes.end(PLACE, holder, today)
    changes.add(
        PLACE,
        RecordHolder(
            learner=kept,
            setting_id=place.setting_id,
            reason=RecordHolder.Reason.MOVE,
            starts_on=today,
        ),
    )
    rows = LearnerAccess.objects.filter(learner=kept, ends_on=None)
    area = place.setting.local_area_id
    if not rows.filter(grantee_id=area, reason=OVERSIGHT).exists():
        changes.add(PLACE, _access(kept, Grantee.LOCAL_AREA, area, Right.READ, OVERSIGHT))
    for access in rows.filter(reason=HOLDER).exclude(grantee_id=place.setting_id):
        changes.update(PLACE, access, ends_on=today)


def take_plan(kept: Learner, before: Facts, changes: Changes) -> None:
    """An EHC plan that only the joined record had is the child's, and so the kept record's."""
    if before.plan is None or EHCPlan.objects.filter(learner=kept, ends_on=None).exists():
        return
    first = not EHCPlan.objects.filter(learner=kept).exists()
    changes.add(
        PLAN,
        EHCPlan(
            learner=kept,
            local_area_id=before.plan.local_area_id,
            starts_on=before.plan.starts_on if first else clock.today(),
        ),
    )


def give_back(kept: Learner, changes: Changes) -> None:
    """Undo the taking over: a part that has changed since is the kept record's own by now."""
    _give_back_family(changes)
    numbers.give_back(kept, changes)
    # The place last: the right to write the rest may come from it.
    for part in (LISTED, PLAN, PLACE):
        if changes.untouched(part):
            changes.undo(part)


def held_before(changes: Changes) -> set[UUID]:
    """Who held the kept record before its holder changed with the join, if it did."""
    rows = changes.of(PLACE, RecordHolder)
    there = RecordHolder.objects.filter(pk__in=[row["id"] for row in rows])
    keys = {key for pair in there.values_list("setting_id", "local_area_id") for key in pair}
    gone = [row["before"] for row in rows if row["before"] and row["after"] is None]
    keys |= {UUID(v) for g in gone for v in (g["setting_id"], g["local_area_id"]) if v}
    return {key for key in keys if key}


def _give_back_family(changes: Changes) -> None:
    """Who came with the joined record goes with it, at once; what they said meanwhile stays."""
    changes.undo_what_is_as_left(RELATIVES)
    added = [r["id"] for r in changes.of(RELATIVES, FamilyMember) if r["before"] is None]
    access = [r["id"] for r in changes.of(RELATIVES, LearnerAccess) if r["before"] is None]
    today = clock.today()
    theirs = LearnerAccess.objects.filter(Q(pk__in=access) | Q(because_id__in=added))
    theirs.filter(Q(ends_on=None) | Q(ends_on__gt=today)).update(
        ends_on=Greatest("starts_on", today)
    )
    spoke = {
        key
        for model in (Contribution, Acknowledgement, Ask)
        for key in model._default_manager.filter(family_member__in=added).values_list(
            "family_member_id", flat=True
        )
    }
    FamilyMember.objects.filter(pk__in=spoke).update(may_see=False, why_not=TWO, user=None)
    FamilyMember.objects.filter(pk__in=added).exclude(pk__in=spoke).delete()


def _access(
    learner: Learner, kind: str, grantee_id: UUID, right: Right, reason: str
) -> LearnerAccess:
    return LearnerAccess(
        learner=learner,
        grantee_kind=kind,
        grantee_id=grantee_id,
        access_right=right,
        reason=reason,
        starts_on=clock.today(),
    )
