"""Whose views are asked for: whom a setting would ask, who was asked, what has not arrived."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.access import selectors as access
from apps.access.grants import Actor
from apps.access.models import Membership
from apps.access.permissions import Right
from apps.common import clock
from apps.common.terms import decides_from
from apps.learners.access_rows import FAMILY
from apps.learners.models import (
    Enrolment,
    FamilyMember,
    LearnerAccess,
    Referral,
    TeachingGroupMember,
)
from apps.learners.policy import held_by, knows_where, seen_by
from apps.reviews import policy
from apps.reviews.models import Ask, AskingChoice, Contribution, Review

Voice = Contribution.Voice


@dataclass(frozen=True)
class Person:
    """Somebody who can be asked, and whether the setting's choice asks them."""

    voice: str
    name: str
    user_id: UUID | None = None
    member_id: UUID | None = None
    email: str = ""
    chosen: bool = False

    @property
    def key(self) -> str:
        """What a form calls them."""
        return str(self.member_id or self.user_id)


def choice_of(actor: Actor, setting_id: UUID) -> AskingChoice:
    """Whom a setting asks; tutor, two further teachers and family until it says otherwise."""
    policy.check_can_open_term(actor, setting_id)
    found = AskingChoice.objects.filter(setting_id=setting_id).first()
    return found or AskingChoice(setting_id=setting_id)


def open_reviews(
    actor: Actor, setting_id: UUID, only: Collection[UUID] | None = None
) -> QuerySet[Review]:
    """The open reviews that the actor keeps at a setting; of `only` these learners where given."""
    rows = policy.visible_to(actor).filter(
        held_by(actor, "learner_id"), setting_id=setting_id, state=Review.State.OPEN
    )
    return rows if only is None else rows.filter(learner_id__in=only)


@dataclass(frozen=True)
class Wanted:
    """Whom asking for views would ask anew, of those who speak with one voice."""

    voice: Voice
    people: int
    learners: int


def wanted(actor: Actor, setting_id: UUID, reviews: Iterable[Review]) -> list[Wanted]:
    """Whom the setting's choice asks in these reviews of it, less those who were asked before."""
    reviews = list(reviews)
    known = {
        (ask.review_id, ask.family_member_id or ask.user_id)
        for ask in policy.asks_visible(actor)
        .filter(review__in=reviews)
        .exclude(state=Ask.State.WITHDRAWN)
    }
    found: dict[str, set[tuple[UUID, str]]] = defaultdict(set)
    for review_id, asked in people(actor, reviews, choice_of(actor, setting_id)).items():
        for person in asked:
            if person.chosen and (review_id, person.member_id or person.user_id) not in known:
                found[person.voice].add((review_id, person.key))
    return [
        Wanted(voice, len({key for _, key in pairs}), len({review for review, _ in pairs}))
        for voice in Voice
        if (pairs := found.get(voice))
    ]


def people(
    actor: Actor, reviews: Iterable[Review], choice: AskingChoice
) -> dict[UUID, list[Person]]:
    """Everyone who can be asked in these reviews of one setting: review → people, chosen first.

    As many queries for one review as for many.
    """
    reviews = list(reviews)
    learners = [r.learner_id for r in reviews]
    teachers = _teachers(actor, learners, choice)
    family = _family(actor, reviews, choice)
    specialists = _specialists(actor, learners, choice)
    return {
        r.id: sorted(
            [*teachers[r.learner_id], *family[r.learner_id], *specialists[r.learner_id]],
            key=lambda person: not person.chosen,
        )
        for r in reviews
    }


def _teachers(actor: Actor, learners: list[UUID], choice: AskingChoice) -> dict[UUID, list[Person]]:
    """The tutor is who teaches the group that the class is called by; then who else teaches them.

    Where nobody is linked to a group, whoever teaches the whole setting, if they are few enough.
    """
    staff = access.teaching_at(choice.setting_id)
    classes = dict(
        Enrolment.objects.filter(
            seen_by(actor, "learner_id"),
            Q(ends_on=None) | Q(ends_on__gt=clock.today()),
            learner_id__in=learners,
            setting_id=choice.setting_id,
        ).values_list("learner_id", "class_name")
    )
    groups: dict[UUID, dict[UUID, str]] = defaultdict(dict)
    for learner_id, group_id, name in TeachingGroupMember.objects.filter(
        seen_by(actor, "learner_id"), learner_id__in=learners, group__setting_id=choice.setting_id
    ).values_list("learner_id", "group_id", "group__name"):
        groups[learner_id][group_id] = name
    found: dict[UUID, list[Person]] = {}
    most = choice.tutor + choice.teachers
    for learner_id in learners:
        mine, own = groups[learner_id], classes.get(learner_id, "")
        tutors = {g for g, name in mine.items() if own and name == own}
        of_groups = [m for m in staff if mine.keys() & set(m.group_ids)]
        of_groups.sort(key=lambda m: not (choice.tutor and tutors & set(m.group_ids)))
        whole = [m for m in staff if m.whole_setting]
        teach = [m for m in of_groups if m.role == "teacher"]
        if not teach and len([m for m in whole if m.role == "teacher"]) <= most:
            teach = [m for m in whole if m.role == "teacher"]
        asked = {m.user_id for m in teach[:most]}
        found[learner_id] = [
            _member_of_staff(m, asked)
            for m in {m.user_id: m for m in [*of_groups, *whole]}.values()
        ]
    return found


def _member_of_staff(membership: Membership, asked: set[UUID]) -> Person:
    return Person(
        Voice.TEACHER,
        membership.user.name,
        user_id=membership.user_id,
        chosen=membership.user_id in asked,
    )


def _family(actor: Actor, reviews: list[Review], choice: AskingChoice) -> dict[UUID, list[Person]]:
    """Who may add to the record, and of children adults with an address who have not joined."""
    today = clock.today()
    learners = {r.learner_id: r.learner for r in reviews}
    add = set(
        LearnerAccess.objects.filter(
            Q(ends_on=None) | Q(ends_on__gt=today),
            seen_by(actor, "learner_id"),
            learner_id__in=learners,
            reason=FAMILY,
            access_right=Right.CONTRIBUTE,
            starts_on__lte=today,
        ).values_list("because_id", flat=True)
    )
    found: dict[UUID, list[Person]] = defaultdict(list)
    for member in FamilyMember.objects.filter(
        seen_by(actor, "learner_id"), learner_id__in=learners, why_not=""
    ).order_by("name"):
        young = today < decides_from(learners[member.learner_id].date_of_birth)
        by_link = member.user_id is None and member.email and young
        if member.id in add or by_link:
            own = member.relation == FamilyMember.Relation.SELF
            found[member.learner_id].append(
                Person(
                    Voice.LEARNER if own else Voice.FAMILY,
                    member.name,
                    user_id=member.user_id,
                    member_id=member.id,
                    email="" if member.user_id else member.email,
                    chosen=choice.family,
                )
            )
    return found


def _specialists(
    actor: Actor, learners: list[UUID], choice: AskingChoice
) -> dict[UUID, list[Person]]:
    rows = Referral.objects.filter(
        seen_by(actor, "learner_id"),
        Q(ends_on=None) | Q(ends_on__gt=clock.today()),
        learner_id__in=learners,
    ).select_related("deployment__user")
    found: dict[UUID, list[Person]] = defaultdict(list)
    for row in rows:
        user = row.deployment.user
        found[row.learner_id].append(
            Person(Voice.SPECIALIST, user.name, user_id=user.id, chosen=choice.specialists)
        )
    return found


def asks_of(actor: Actor, review_id: UUID) -> list[Ask]:
    """Who was asked in a review, those who have not answered first; each with `may_answer`."""
    rows = policy.asks_visible(actor).filter(review_id=review_id)
    rows = rows.annotate(may_answer=policy.may_answer())
    return list(rows.exclude(state=Ask.State.WITHDRAWN).order_by("-state", "due_on", "name"))


def awaited(actor: Actor, review: Review) -> list[Ask]:
    """Whose views were asked for and may still arrive: said at sign-off, and no obstacle to it."""
    rows = policy.asks_visible(actor).filter(
        policy.may_answer(), review=review, state=Ask.State.ASKED
    )
    return list(rows.order_by("due_on", "name"))


def questions_to(actor: Actor) -> QuerySet[Ask]:
    """What waits for this person's own answer, in open reviews, the first due first."""
    rows = policy.asks_visible(actor).filter(user_id=actor.key, state=Ask.State.ASKED)
    return rows.filter(review__state=Review.State.OPEN).order_by("due_on", "id")


def still_asked(actor: Actor, learner_id: UUID | None) -> bool:
    """Whether a question waits for this person's answer, about the learner where it names one.

    Whoever may not know where the learner is sees no question of a review, and is told of it.
    """
    if learner_id is None:
        return questions_to(actor).exists()
    if not knows_where(actor, learner_id):
        return True
    return questions_to(actor).filter(learner_id=learner_id).exists()
