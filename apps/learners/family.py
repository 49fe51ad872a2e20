"""What happens to the members of a learner's family: joining, and what they may see.

What each may do on which day follows from here and from `deciding`, which lays it out in rows.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.access import actions as access
from apps.access import rls
from apps.access.grants import Actor
from apps.accounts import unsent
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.learners import deciding, policy
from apps.learners.models import FamilyMember, Learner
from apps.notifications import actions as notifications


@transaction.atomic
def add_family_member(*, by: Actor, learner: Learner, values: dict[str, Any]) -> FamilyMember:
    """Add an adult of the family, or the young person as a reader; no access yet."""
    policy.check_can_hold(by, learner.id)
    member = FamilyMember.objects.create(learner=learner, **values)
    _note(by, "family member added", member)
    return member


@transaction.atomic
def admit_family_member(*, by: Actor, learner: Learner, values: dict[str, Any]) -> FamilyMember:
    """Whoever is to be invited: added, or the one who is known by that address already.

    What is known of them is brought up to date, and access that was ended can be given again: a
    person decides that here, and no file does. Raises Invalid while they can see the record.
    """
    policy.check_can_hold(by, learner.id)
    known = FamilyMember.objects.filter(learner=learner, email__iexact=values["email"])
    member = known.order_by("-may_see", "user_id").first()
    if member is None:
        return add_family_member(by=by, learner=learner, values=values)
    if member.may_see:
        raise Invalid(
            f"{member.name} can see the record already.",
            {"email": "Somebody with this address can see the record already"},
        )
    for name, value in {**values, "why_not": "", "look_again_on": None}.items():
        setattr(member, name, value)
    member.save()
    _note(by, "family member invited again", member)
    return member


@transaction.atomic
def open_to_family(*, by: Actor, member: FamilyMember, user_id: UUID) -> None:
    """A family member who accepted their invitation sees what they may see from today.

    For an adult invited after the young person came to decide, that is nothing until they agree.
    """
    policy.check_can_hold(by, member.learner_id)
    if member.why_not:
        raise Invalid("This access was ended. Ask the setting.")
    member.user_id = user_id
    _open(member)
    _note(by, "record opened to family member", member)


@transaction.atomic
def restore_family(*, by: Actor, member: FamilyMember, why: str) -> None:
    """Open the record again to somebody whose access was suspended or ended; says why.

    Raises Invalid without a reason, InvalidTransition where nothing was closed.
    """
    policy.check_can_hold(by, member.learner_id)
    if member.may_see or not member.why_not:
        raise InvalidTransition(f"{member.name}’s access is not suspended or ended.")
    _check_says_why(why, "Enter the reason, and what you saw.")
    if member.user_id is None:
        raise InvalidTransition(f"{member.name} had not joined. Invite them instead.")
    _open(member)
    _note(by, "record opened again to family member", member, why=why)


def _open(member: FamilyMember) -> None:
    today = clock.today()
    member.may_see, member.why_not, member.look_again_on = True, "", None
    member.access_from, member.access_to = today, None
    member.joined_on = member.joined_on or today
    member.save()
    deciding.lay_rights(member.learner, only=member)


@transaction.atomic
def close_to_family(*, by: Actor, member: FamilyMember, why: str) -> None:
    """End a family member's access, true at their very next request. Says why."""
    policy.check_can_keep(by, member.learner_id)
    _check_says_why(why, "Enter the reason, so that it can be looked at again.")
    _close(by, member, why, look_again_on=None)
    _note(by, "record closed to family member", member, why=why)


@transaction.atomic
def suspend_family(*, by: Actor, member: FamilyMember, why: str, look_again_on: date) -> None:
    """Suspend a family member's access, true at their very next request.

    On the day to look again somebody decides; nothing reopens by itself. Raises Invalid without a
    reason or for a day that is not to come, InvalidTransition where access was ended.
    """
    policy.check_can_hold(by, member.learner_id)
    if member.ended:
        raise InvalidTransition(f"{member.name}’s access was ended already.")
    _check_says_why(why, "Enter the reason, so that it can be looked at again.")
    if look_again_on <= clock.today():
        raise Invalid(
            "Access is not suspended yet.", {"look_again_on": "Enter a day that is still to come"}
        )
    _close(by, member, why, look_again_on)
    _note(by, "access of family member suspended", member, why=why, look_again_on=look_again_on)


def _close(by: Actor, member: FamilyMember, why: str, look_again_on: date | None) -> None:
    """With the rights go codes not yet used, what was told, and words not yet sent."""
    if member.may_see:
        member.access_to = clock.today()
    member.may_see, member.why_not, member.look_again_on = False, why.strip(), look_again_on
    member.save()
    access.cancel_family_invitations(family_member_id=member.id)
    if member.user_id:
        deciding.lay_rights(member.learner, only=member)
        notifications.take_back(recipients=[member.user_id], learner_id=member.learner_id)
        with rls.in_place_of(by, Actor(user_id=member.user_id, name=member.name)):
            unsent.forget_under(user_id=member.user_id, path=f"/family/{member.learner_id}/")


@transaction.atomic
def note_order(
    *, by: Actor, member: FamilyMember, kind: str, seen: str, starts: date | None, ends: date | None
) -> None:
    """Note a court order about a family member: what was seen, from when, until when.

    It closes and opens nothing: a person decides that. Raises Invalid without what was seen, or for
    dates the wrong way round.
    """
    policy.check_can_hold(by, member.learner_id)
    wrong = {}
    if kind not in FamilyMember.Order.values:
        wrong["order_kind"] = "Choose the kind of order"
    if kind and not seen.strip():
        wrong["order_seen"] = "Enter what you saw, when, and who showed it"
    if starts and ends and ends <= starts:
        wrong["order_to"] = "The order must end after it begins"
    if wrong:
        raise Invalid("The order is not noted yet.", wrong)
    member.order_kind, member.order_seen = kind, seen.strip() if kind else ""
    member.order_from, member.order_to = (starts, ends) if kind else (None, None)
    member.save(update_fields=["order_kind", "order_seen", "order_from", "order_to"])
    _note(by, "court order noted", member, kind=kind, ends=ends)


def order_on_file(learner: Learner) -> bool:
    """Whether any adult of the family has an order noted: inviting then asks who it is again."""
    return learner.family.exclude(order_kind="").exists()


def _check_says_why(why: str, sentence: str) -> None:
    if not why.strip():
        raise Invalid("Say why.", {"why": sentence})


def _note(by: Actor, action: str, member: FamilyMember, **detail: object) -> None:
    record.event(
        by=by,
        action=action,
        subject_kind="family member",
        subject_id=member.id,
        learner_id=member.learner_id,
        detail=detail,
    )
