"""What somebody said and somebody else wrote down: with pictures, spoken, or on paper."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.common.exceptions import Invalid
from apps.learners.models import FamilyMember, Learner
from apps.reviews import policy
from apps.reviews.actions import voices
from apps.reviews.models import Ask, Contribution

WRITTEN_DOWN = (
    Contribution.CameBy.SPOKEN,
    Contribution.CameBy.PICTURES,
    Contribution.CameBy.PAPER,
)


@transaction.atomic
def write_down(
    *,
    by: Actor,
    learner: Learner,
    came_by: str,
    member_id: UUID | None = None,
    specialist: str = "",
    going_well: str = "",
    harder: str = "",
    would_help: str = "",
    others_may_see: bool = False,
    not_my_parents: bool = False,
) -> Contribution:
    """Keep somebody's words as whoever works with the learner wrote them down, marked so.

    The words are the learner's own, or a family member's (`member_id`), or of the specialist named.
    Raises NotVisible, Refused; Invalid when nothing was said, or for an adult who may not see.
    """
    policy.check_can_write_down(by, learner.id)
    if came_by not in WRITTEN_DOWN:
        raise Invalid("Say how it came.", {"came_by": "Choose how it came to you."})
    member = _member(learner, member_id)
    contribution = Contribution(
        learner=learner,
        family_member=member,
        came_by=came_by,
        written_down_by=by.name,
        going_well=going_well,
        harder=harder,
        would_help=would_help,
        others_may_see=others_may_see,
        not_my_parents=not_my_parents,
    )
    contribution.voice, contribution.author_name = _whose(learner, member, specialist.strip())
    voices.keep(by=by, contribution=contribution)
    asked = Ask.objects.filter(learner=learner, state=Ask.State.ASKED)
    if member:
        asked.filter(family_member=member).update(
            state=Ask.State.ANSWERED, answered_at=contribution.said_at
        )
    voices.tell_holder(contribution)
    return contribution


def _member(learner: Learner, member_id: UUID | None) -> FamilyMember | None:
    if member_id is None:
        return None
    member = FamilyMember.objects.filter(pk=member_id, learner=learner).first()
    if member is None or member.why_not:
        raise Invalid("Choose whose words they are.", {"whose": "Choose whose words they are."})
    return member


def _whose(learner: Learner, member: FamilyMember | None, specialist: str) -> tuple[str, str]:
    """Voice and name. Without either they are the learner's own words."""
    if specialist:
        return Contribution.Voice.SPECIALIST, specialist
    if member is None or member.relation == FamilyMember.Relation.SELF:
        return Contribution.Voice.LEARNER, learner.known_given
    return Contribution.Voice.FAMILY, member.name
