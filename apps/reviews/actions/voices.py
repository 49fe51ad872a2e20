"""Voices: contributions, acknowledgements and the setting's reply."""

from __future__ import annotations

from uuid import UUID

from django.db import IntegrityError, connection, transaction

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition, NotVisible
from apps.learners import policy as learners_policy
from apps.learners.models import FamilyMember, Learner, RecordHolder
from apps.notifications.actions import tell
from apps.reviews import policy
from apps.reviews.models import Acknowledgement, Ask, Contribution, Review
from apps.settings import calendar

# School days in which a disagreement gets a written reply.
REPLY_SCHOOL_DAYS = 10
LONGEST = 4000


@transaction.atomic
def contribute(
    *,
    by: Actor,
    learner: Learner,
    going_well: str = "",
    harder: str = "",
    would_help: str = "",
    others_may_see: bool = False,
    not_my_parents: bool = False,
    ask_me_first: bool = False,
    on_support: bool = False,
) -> Contribution:
    """Keep what a learner, family member or member of staff says, for the open review if any.

    Whose voice it is follows from who they are; whoever was asked has answered. `on_support` where
    it also says how supports work. Raises Invalid when nothing was said.
    """
    learners_policy.check_can_contribute(by, learner.id)
    member = policy.family_member_of(by, learner.id)
    contribution = Contribution(
        learner=learner,
        voice=_voice(by, learner.id, member),
        author_id=by.person_id,
        author_name=by.name,
        family_member=member,
        going_well=going_well,
        harder=harder,
        would_help=would_help,
        on_support=on_support,
        others_may_see=others_may_see,
        not_my_parents=not_my_parents,
        ask_me_first=ask_me_first,
    )
    keep(by=by, contribution=contribution)
    if by.person_id:
        asked = Ask.objects.filter(learner=learner, user_id=by.person_id, state=Ask.State.ASKED)
        asked.update(state=Ask.State.ANSWERED, answered_at=contribution.said_at)
    if learners_policy.knows_where(by, learner.id):
        tell_holder(contribution)
    else:
        _hand_in(contribution, came_in(contribution))
    return contribution


def keep(*, by: Actor, contribution: Contribution) -> None:
    """Keep somebody's words, for the open review if any; the caller has asked a policy.

    Raises Invalid when nothing was said.
    """
    said = contribution
    said.going_well, said.harder, said.would_help = (
        text.strip() for text in (said.going_well, said.harder, said.would_help)
    )
    texts = {n: getattr(said, n) for n in ("going_well", "harder", "would_help")}
    if too_long := [name for name, text in texts.items() if len(text) > LONGEST]:
        raise Invalid(
            f"Use {LONGEST:,} characters or fewer in each box.",
            dict.fromkeys(too_long, f"Use {LONGEST:,} characters or fewer."),
        )
    if not (said.going_well or said.harder or said.would_help or said.on_support):
        raise Invalid(
            "Write at least one thing.", {"going_well": "Write something in at least one box."}
        )
    said.review = Review.objects.filter(learner_id=said.learner_id, state=Review.State.OPEN).first()
    said.said_at = clock.now()
    said.save(force_insert=True)
    audit.event(
        by=by,
        action="contribution made",
        subject_kind="contribution",
        subject_id=said.id,
        learner_id=said.learner_id,
        detail={"voice": said.voice, "came_by": said.came_by},
    )


_WHOSE = {
    Contribution.Voice.LEARNER: "their own",
    Contribution.Voice.FAMILY: "the family's",
    Contribution.Voice.TEACHER: "a colleague's",
    Contribution.Voice.SPECIALIST: "a specialist's",
}


def came_in(contribution: Contribution) -> str:
    """What the holder is told, in words."""
    return (
        f"{contribution.learner}: {_WHOSE[Contribution.Voice(contribution.voice)]} views came in."
    )


def tell_holder(contribution: Contribution) -> None:
    """Tell whoever keeps the record that views came in."""
    tell(
        recipients=_holder(contribution.learner_id),
        learner_id=contribution.learner_id,
        kind="views came in",
        text=came_in(contribution),
        link=f"/learners/{contribution.learner_id}/",
        key=f"contribution:{contribution.id}",
    )


def _hand_in(contribution: Contribution, words: str) -> None:
    """To the open review and the holder, neither of whom its author may know."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reviews_hand_in(%s, %s)", [contribution.id, words])


def _voice(by: Actor, learner_id: UUID, member: FamilyMember | None) -> str:
    if member is None:
        specialist = learners_policy.adds_as_specialist(by, learner_id)
        return Contribution.Voice.SPECIALIST if specialist else Contribution.Voice.TEACHER
    if member.relation == FamilyMember.Relation.SELF:
        return Contribution.Voice.LEARNER
    return Contribution.Voice.FAMILY


@transaction.atomic
def acknowledge(*, by: Actor, review_id: UUID, agrees: bool, says: str = "") -> Acknowledgement:
    """A family member has seen a signed-off review and agrees or not; not agreeing says why.

    A disagreement gets a written reply by a due date. Raises InvalidTransition the second time.
    """
    found = policy.visible_to(by).select_related("learner", "setting")
    review = found.filter(pk=review_id).first()
    if review is None:
        raise NotVisible
    member = policy.check_is_family(by, review.learner_id)
    if review.state != Review.State.SIGNED_OFF:
        raise InvalidTransition("This review is not finished yet.")
    if not agrees and not says.strip():
        raise Invalid(
            "Tell us what you do not agree with.",
            {"says": "Tell us what you do not agree with, so that the setting can answer."},
        )
    due = None
    if not agrees:
        due = calendar.after_school_days(clock.today(), REPLY_SCHOOL_DAYS, review.setting)
    acknowledgement = Acknowledgement(
        review=review,
        learner=review.learner,
        family_member=member,
        agrees=agrees,
        says=says.strip(),
        said_at=clock.now(),
        reply_due_on=due,
    )
    try:
        with transaction.atomic():
            acknowledgement.save(force_insert=True)
    except IntegrityError:
        raise InvalidTransition("You have answered already. Thank you.") from None
    audit.event(
        by=by,
        action="review acknowledged",
        subject_kind="review",
        subject_id=review.id,
        learner_id=review.learner_id,
        detail={"agrees": agrees},
    )
    tell(
        recipients=_holder(review.learner_id),
        learner_id=review.learner_id,
        kind="family answered",
        text=f"{review.learner}: family "
        + (
            "has seen the review and agrees." if agrees else "does not agree and waits for a reply."
        ),
        link=f"/learners/{review.learner_id}/"
        if agrees
        else f"/acknowledgements/{acknowledgement.id}/",
        key=f"acknowledged:{acknowledgement.id}",
    )
    return acknowledgement


@transaction.atomic
def reply(*, by: Actor, acknowledgement_id: UUID, text: str) -> Acknowledgement:
    """The setting's written reply to a disagreement."""
    acknowledgement = (
        Acknowledgement.objects.select_for_update(of=("self",))
        .select_related("family_member")
        .filter(pk=acknowledgement_id)
        .first()
    )
    if acknowledgement is None:
        raise NotVisible
    policy.check_can_review(by, acknowledgement.learner_id)
    if acknowledgement.replied_at:
        raise InvalidTransition("A reply was sent already.")
    if not text.strip():
        raise Invalid("Write the reply.", {"reply": "Write the reply."})
    acknowledgement.reply = text.strip()
    acknowledgement.replied_at = clock.now()
    acknowledgement.replied_by_id = by.person_id
    acknowledgement.save(update_fields=["reply", "replied_at", "replied_by"])
    audit.event(
        by=by,
        action="disagreement answered",
        subject_kind="review",
        subject_id=acknowledgement.review_id,
        learner_id=acknowledgement.learner_id,
    )
    if acknowledgement.family_member.user_id:
        tell(
            recipients=[acknowledgement.family_member.user_id],
            learner_id=acknowledgement.learner_id,
            kind="reply",
            text="The setting has answered what you said about the review.",
            link=f"/family/{acknowledgement.learner_id}/",
            key=f"reply:{acknowledgement.id}",
        )
    return acknowledgement


def _holder(learner_id: UUID) -> list[UUID]:
    """Who keeps the record now: the setting's or local area's key."""
    holder = RecordHolder.objects.filter(learner_id=learner_id, ends_on=None).first()
    return [holder.setting_id or holder.local_area_id] if holder else []  # type: ignore[list-item]
