"""Who of the family may read a record, and who decides that.

Until the end of compulsory school age the parents read and contribute. From that day the young
person decides (Children and Families Act 2014, sections 80 and 83). Rights are laid out as rows of
learner access with their dates, so that what changes on a day changes by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.access.permissions import Right
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.common.terms import comes_of_age, decides_from
from apps.learners import access_rows, policy
from apps.learners.access_rows import Span
from apps.learners.models import (
    Decision,
    DecisionAdult,
    Enrolment,
    FamilyMember,
    Learner,
    RecordHolder,
    WithheldWhereabouts,
)
from apps.learners.selectors import FamilyAccess, access_of_family

A = Decision.Answer


@dataclass(frozen=True)
class Capacity:
    """That a young person cannot take this decision: who found that, when, how, until when."""

    assessed_by: str = ""
    assessed_on: date | None = None
    assessed_how: str = ""
    review_by: date | None = None


@dataclass(frozen=True)
class InForce:
    """The answer that counts now, and what it lets each adult do whom it names."""

    answer: str
    said_on: date
    review_by: date | None = None
    adults: Mapping[UUID, Right] = field(default_factory=dict)


def spans(member: FamilyMember, born: date, answer: InForce | None) -> list[Span]:
    """What a member of the family may do and when: the whole rule, on one page.

    The young person always reads and contributes. An adult does until the young person decides;
    then by the answer. Without one, those who read already go on reading, until the 18th birthday.
    """
    if not member.may_see:
        return []
    since = member.access_from or born
    if member.relation == FamilyMember.Relation.SELF:
        return [Span(Right.CONTRIBUTE, since)]
    day = decides_from(born)
    until = [Span(Right.CONTRIBUTE, since, day)] if since < day else []
    joined = member.joined_on or since
    if answer is None:
        return [*until, Span(Right.READ, day, comes_of_age(born))] if joined < day else []
    begins = max(day, answer.said_on, since)
    right = answer.adults.get(member.id)
    if answer.answer == A.AGREES and joined < day:
        right = Right.CONTRIBUTE
    if right is None:
        return until
    return [*until, Span(right, begins, answer.review_by)]


def in_force(learner_id: UUID) -> InForce | None:
    """The answer that counts now, if there is one: the newest."""
    newest = (
        Decision.objects.filter(learner_id=learner_id)
        .exclude(answer=A.ASKED)
        .order_by("-said_at", "-id")
        .first()
    )
    if newest is None:
        return None
    adults = newest.adults.values_list("family_member_id", "access_right")
    return InForce(
        answer=newest.answer,
        said_on=newest.said_on,
        review_by=newest.review_by,
        adults={member: Right(right) for member, right in adults},
    )


def lay_rights(learner: Learner, only: FamilyMember | None = None) -> None:
    """Write the rows of learner access that follow from all that is known now of the family.

    Called, in the context of whoever holds the record, by every action that changes any of it. Two
    at once wait for one another here, so that neither opens what the other closed.
    """
    born = (
        Learner.objects.select_for_update().only("date_of_birth").get(pk=learner.pk).date_of_birth
    )
    answer = in_force(learner.id)
    withheld = WithheldWhereabouts.objects.filter(learner=learner, ends_on=None).first()
    family = [only] if only else learner.family.exclude(user=None)
    for member in family:
        access_rows.lay(
            learner_id=learner.id,
            user_id=member.user_id,  # type: ignore[arg-type]
            member_id=member.id,
            spans=spans(member, born, answer),
            knows_where=withheld is None
            or member.id in withheld.may_know
            or member.relation == FamilyMember.Relation.SELF,
        )


@contextmanager
def as_keeper(by: Actor, learner_id: UUID) -> Iterator[Actor]:
    """Write rights that `by` decides on and does not give: in the context of the record's keeper.

    Its holder or, before the first entry, the main setting; `by` themself where they hold it. The
    caller has asked a policy.
    """
    if policy.right_of(by, learner_id) is Right.HOLD:
        yield by
        return
    today = clock.today()
    now = Q(ends_on=None) | Q(ends_on__gt=today)
    holder = RecordHolder.objects.filter(now, learner_id=learner_id, starts_on__lte=today).first()
    keeper = (holder.setting_id or holder.local_area_id) if holder else None
    if keeper is None:
        main = Enrolment.objects.filter(
            now, learner_id=learner_id, kind=Enrolment.Kind.MAIN, starts_on__lte=today
        )
        keeper = main.values_list("setting_id", flat=True).first()
    if keeper is None:
        raise InvalidTransition("Nobody keeps this record at the moment. Ask the local area.")
    with rls.in_place_of(by, grants.worker(keeper)) as worker:
        yield worker


def adults(by: Actor, learner_id: UUID) -> list[FamilyAccess]:
    """The adults of the family who have joined, for whoever decides or writes it down for them.

    Names and what each may do; raises NotVisible or Refused to anybody else.
    """
    if policy.own_member(by, learner_id) is None:
        policy.check_can_hold(by, learner_id)
    with as_keeper(by, learner_id) as keeper:
        family = access_of_family(keeper, learner_id)
    own = FamilyMember.Relation.SELF
    return [a for a in family if a.member.may_see and a.member.relation != own]


def history(actor: Actor, learner_id: UUID) -> list[Decision]:
    """Every time the question was put or answered, newest first."""
    policy.check_can_read(actor, learner_id)
    rows = Decision.objects.filter(learner_id=learner_id).order_by("-said_at", "-id")
    return list(rows.prefetch_related("adults__family_member"))


@transaction.atomic
def ask(*, by: Actor, learner: Learner) -> Decision:
    """Note that the young person was asked, and has not answered yet."""
    policy.check_can_hold(by, learner.id)
    return _add(by, learner, A.ASKED, own=False)


@transaction.atomic
def answer(
    *,
    by: Actor,
    learner: Learner,
    answer: str,
    adults: Mapping[UUID, str] | None = None,
    capacity: Capacity | None = None,
) -> Decision:
    """Keep an answer, by the young person or written for them by the holder; it counts at once.

    `adults` says what each named adult may do: needed in part, and for representatives. Agreeing
    names everyone who has joined by then, and covers who joins before the day. Raises
    NotVisible, Refused; InvalidTransition before the young person decides; Invalid where something
    is missing.
    """
    own = policy.own_member(by, learner.id) is not None
    if own and clock.today() < decides_from(learner.date_of_birth):
        raise InvalidTransition("You decide this from the summer in which you can leave school.")
    if not own:
        policy.check_can_hold(by, learner.id)
    adults = {key: right for key, right in (adults or {}).items() if right}
    capacity = capacity or Capacity()
    _check(answer, adults, capacity, own=own)
    with as_keeper(by, learner.id):
        family = learner.family.exclude(relation=FamilyMember.Relation.SELF)
        known = set(family.values_list("id", flat=True))
        joined = list(family.exclude(joined_on=None).values_list("id", flat=True))
    if set(adults) - known:
        raise Invalid("Choose from the adults of the family.", {"adults": "Choose from this list"})
    kept = _add(by, learner, answer, own=own, capacity=capacity)
    named = adults if answer in {A.IN_PART, A.LACKS_CAPACITY} else {}
    if answer == A.AGREES:
        named = dict.fromkeys(joined, Right.CONTRIBUTE.value)
    DecisionAdult.objects.bulk_create(
        DecisionAdult(decision=kept, learner=learner, family_member_id=key, access_right=right)
        for key, right in named.items()
    )
    with as_keeper(by, learner.id):
        lay_rights(learner)
    return kept


def _check(answer: str, adults: Mapping[UUID, str], capacity: Capacity, *, own: bool) -> None:
    wrong: dict[str, str] = {}
    if answer not in {A.AGREES, A.IN_PART, A.NOT, A.LACKS_CAPACITY}:
        wrong["answer"] = "Choose one of the answers"
    if answer == A.IN_PART and not adults:
        wrong["adults"] = "Choose at least one adult, or choose that nobody reads it"
    if answer == A.LACKS_CAPACITY:
        if own:
            wrong["answer"] = "Choose one of the answers"
        wrong |= _check_capacity(capacity)
        if not adults or set(adults.values()) != {Right.CONTRIBUTE.value}:
            wrong["adults"] = "Choose who speaks for the young person"
    if wrong:
        raise Invalid("Nothing has changed yet.", wrong)


def _check_capacity(capacity: Capacity) -> dict[str, str]:
    today, wrong = clock.today(), {}
    if not capacity.assessed_by.strip():
        wrong["assessed_by"] = "Enter who decided, and their role"
    if not capacity.assessed_how.strip():
        wrong["assessed_how"] = "Enter how that was decided"
    if not capacity.assessed_on or capacity.assessed_on > today:
        wrong["assessed_on"] = "Enter the day of the decision, today or earlier"
    if not capacity.review_by or capacity.review_by <= today:
        wrong["review_by"] = "Enter a day after today"
    return wrong


def _add(
    by: Actor, learner: Learner, answer: str, *, own: bool, capacity: Capacity | None = None
) -> Decision:
    about = capacity if capacity and answer == A.LACKS_CAPACITY else Capacity()
    kept = Decision(
        learner=learner,
        answer=answer,
        said_at=clock.now(),
        said_on=clock.today(),
        said_by_id=by.person_id,
        said_by=by.name,
        in_own_name=own,
        assessed_by=about.assessed_by.strip(),
        assessed_on=about.assessed_on,
        assessed_how=about.assessed_how.strip(),
        review_by=about.review_by,
    )
    kept.save(force_insert=True)
    record.event(
        by=by,
        action="asked who decides" if answer == A.ASKED else "answered who may read",
        subject_kind="decision",
        subject_id=kept.id,
        learner_id=learner.id,
        detail={"answer": answer, "in_own_name": own},
    )
    return kept
