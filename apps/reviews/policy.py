"""Who may write a review, contribute, acknowledge and reply."""

from __future__ import annotations

from uuid import UUID

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access.asking import asked
from apps.access.grants import Actor
from apps.access.permissions import Permission, Right
from apps.common.exceptions import NotVisible, PurposeNeeded, Refused
from apps.learners import policy as learners_policy
from apps.learners.access_rows import FAMILY
from apps.learners.models import FamilyMember
from apps.learners.selectors import Sight, keeper
from apps.reviews.models import (
    Acknowledgement,
    Ask,
    Audience,
    Contribution,
    Review,
    Statement,
    SupportCheck,
)
from apps.reviews.slips import with_slips


def visible_to(actor: Actor) -> QuerySet[Review]:
    """The reviews of learners whom this actor may see; a review says where the learner is."""
    return Review.objects.filter(learners_policy.whereabouts_seen_by(actor, "learner_id"))


def get(actor: Actor, review_id: UUID) -> Review:
    """A review whose learner the actor may see; raises NotVisible."""
    found = visible_to(actor).filter(pk=review_id).first()
    if found is None:
        raise NotVisible
    return found


PURPOSES = {
    "move": "A move that needs help",
    "moderation": "Moderation of levels",
    "concern": "A concern that was raised",
    "panel": "A panel's decision",
}


def reading(actor: Actor, seen: Sight, purpose: str) -> Actor:
    """The actor as the log is to have them: in the role that lets them read, with their purpose.

    Only who sees by overseeing the area gives a purpose, one of PURPOSES; what anybody else sends
    is not theirs to write into the log. Raises PurposeNeeded.
    """
    acting = actor.as_family() if seen.family else actor.through(seen.through)
    if not seen.overseen:
        return acting.for_purpose("")
    acting = acting.for_purpose(purpose)
    check_says_purpose(acting, seen)
    return acting


def check_says_purpose(actor: Actor, seen: Sight) -> None:
    """Raises PurposeNeeded until an actor who sees by overseeing the area says why they read."""
    if seen.overseen and actor.purpose not in PURPOSES:
        raise PurposeNeeded(f"Say why you open this record: {', '.join(PURPOSES)}.")


def statements_visible(actor: Actor, *, family: bool) -> QuerySet[Statement]:
    """Statements that this actor may read, with their slips; a family reads no staff-only one.

    Whoever may not know where the learner is reads `whereabouts.without_places` instead.
    """
    rows = with_slips(
        Statement.objects.filter(learners_policy.whereabouts_seen_by(actor, "learner_id"))
    )
    return rows.filter(audience=Audience.EVERYONE) if family else rows


def contributions_visible(actor: Actor, *, family: bool) -> QuerySet[Contribution]:
    """Contributions that this actor may read.

    A family adult's are hidden from other adults of the family unless they said otherwise; a
    contributor can keep theirs from the family (domain.md, Contribution).
    """
    rows = Contribution.objects.filter(learners_policy.seen_by(actor, "learner_id"))
    if not family:
        return rows
    open_to_family = Q(learners_policy.whereabouts_seen_by(actor, "learner_id"))
    open_to_family &= Q(not_my_parents=False)
    open_to_family &= Q(ask_me_first=False) | Q(asked_first__may_show=True)
    open_to_family &= ~Q(voice=Contribution.Voice.FAMILY) | Q(others_may_see=True)
    own = Q(author_id=actor.key) | Q(family_member__user_id=actor.key)
    return rows.filter(open_to_family | own)


def acknowledgements_visible(actor: Actor, *, family: bool) -> QuerySet[Acknowledgement]:
    """What families answered to reviews, for whoever works with the learner; a family, its own."""
    rows = Acknowledgement.objects.filter(learners_policy.whereabouts_seen_by(actor, "learner_id"))
    return rows.filter(family_member__user_id=actor.key) if family else rows


def checks_visible(actor: Actor, *, family: bool) -> QuerySet[SupportCheck]:
    """Support checks that this actor may read: those of the statements that they may."""
    rows = SupportCheck.objects.filter(learners_policy.whereabouts_seen_by(actor, "learner_id"))
    return rows.filter(statement__audience=Audience.EVERYONE) if family else rows


def check_can_check_support(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible or Refused unless the actor works with the learner and adds to the record.

    A family is told whether a support happens, and says what it thinks in its own words.
    """
    learners_policy.check_can_contribute(actor, learner_id)
    if not learners_policy.works_with(actor, learner_id):
        raise Refused("Only those who work with the learner can say that.")


def asks_visible(actor: Actor) -> QuerySet[Ask]:
    """Who was asked, for whoever keeps the record; for anybody else the question to themself."""
    held = learners_policy.held_by(actor, "learner_id")
    own = Q(learners_policy.whereabouts_seen_by(actor, "learner_id"), user_id=actor.key)
    return Ask.objects.filter(Q(held) | own)


def may_answer() -> Q:
    """The condition on who was asked that they may still answer: true of all but the family.

    An adult of it who joined has to be able to add to the record today, one who answers by a link
    must not have been barred.
    """
    adds = learners_policy.current_access().filter(
        reason=FAMILY,
        because_id=OuterRef("family_member_id"),
        access_right=Right.CONTRIBUTE,
    )
    by_link = Q(family_member__user=None, family_member__why_not="")
    return Q(family_member=None) | by_link | Q(Exists(adds))


def check_can_write_down(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible or Refused unless the actor works with the learner.

    Nobody of a family writes in the name of another.
    """
    learners_policy.check_can_contribute(actor, learner_id)
    if not learners_policy.works_with(actor, learner_id):
        raise Refused("Only those who work with the learner can write down what somebody says.")


def linked(digest: str) -> tuple[UUID, UUID]:
    """The question behind a link and the key of who keeps the record.

    Raises NotVisible for one that is wrong, has ended or was withdrawn, without a difference.
    """
    asked()
    with connection.cursor() as cursor:
        cursor.execute("SELECT ask_id, holder_id FROM reviews_ask_by_link(%s)", [digest])
        found = cursor.fetchone()
    if found is None:
        raise NotVisible
    return found[0], found[1]


def contributions_to_pass_on(actor: Actor) -> QuerySet[Contribution]:
    """Contributions that may stand in a paper for others.

    Nothing that its author kept from somebody or wanted to be asked about, and of a family adult
    only what other adults of the family may see: one of them may be shown the paper.
    """
    rows = contributions_visible(actor, family=False).filter(not_my_parents=False)
    shared = ~Q(voice=Contribution.Voice.FAMILY) | Q(others_may_see=True)
    return rows.filter(shared, Q(ask_me_first=False) | Q(asked_first__may_show=True))


def check_can_send_papers(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible to a stranger, Refused unless the actor keeps and reviews this record."""
    learners_policy.check_can_keep(actor, learner_id)
    if not (actor.may(Permission.REVIEW) and actor.kind == "person"):
        raise Refused("Only the SENCO, an assistant or the area's officer can make this.")


def check_can_keep_register(actor: Actor, setting_id: UUID) -> None:
    """Raises Refused unless the actor keeps this setting's register, or is its worker."""
    asked()
    if not (actor.may(Permission.KEEP_REGISTER, setting_id) or setting_id in actor.extra_holds):
        raise Refused("Only the SENCO or an assistant can put a learner on the register.")


def check_is_keeper(learner_id: UUID, setting_id: UUID | None) -> None:
    """Raises Refused unless this setting keeps the learner's record, or would with a first entry;
    None is for a record that no setting keeps.

    Whoever works for several settings holds a record for one of them: what they begin is its own.
    """
    kept_at = keeper(learner_id)
    if (kept_at.id if kept_at else None) != setting_id:
        raise Refused(learners_policy.NOT_THE_HOLDER)


def check_can_open_term(actor: Actor, setting_id: UUID) -> None:
    """Raises Refused unless the actor reviews at this setting; the worker does for its own."""
    asked()
    if not (actor.may(Permission.REVIEW, setting_id) or setting_id in actor.extra_holds):
        raise Refused("Only the SENCO or an assistant can open the term's reviews.")


def check_can_see_provision(actor: Actor, setting_id: UUID) -> None:
    """Raises NotVisible unless the actor reads this setting's register."""
    asked()
    if not actor.may(Permission.SEE_REGISTER, setting_id):
        raise NotVisible


def check_can_review(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible or Refused unless the actor holds the record and writes reviews.

    The right is at the organisation that holds the record; the role must allow reviewing.
    """
    learners_policy.check_can_hold(actor, learner_id)
    if actor.kind != "worker" and not actor.may(Permission.REVIEW):
        raise Refused("Only the SENCO or an assistant can write and sign off reviews.")


def can_review(actor: Actor, learner_id: UUID) -> bool:
    """Whether `check_can_review` would pass."""
    try:
        check_can_review(actor, learner_id)
    except (Refused, NotVisible):
        return False
    return True


def check_can_notice(actor: Actor, learner_id: UUID) -> None:
    """Raises NotVisible or Refused unless the actor works with the learner or is their family.

    An adult who may not know where the learner is says what they think instead: what somebody
    notices goes to the setting.
    """
    learners_policy.check_can_contribute(actor, learner_id)
    if not learners_policy.knows_where(actor, learner_id):
        raise Refused("Say what you think instead: whoever keeps the record reads it.")


def family_member_of(actor: Actor, learner_id: UUID) -> FamilyMember | None:
    """The actor as a member of this learner's family, while they may see the record."""
    return FamilyMember.objects.filter(
        learner_id=learner_id, user_id=actor.key, may_see=True
    ).first()


def is_own(actor: Actor, learner_id: UUID) -> bool:
    """Whether the actor is the young person whose record it is: their pages say *you*."""
    member = family_member_of(actor, learner_id)
    return member is not None and member.relation == FamilyMember.Relation.SELF


def check_is_family(actor: Actor, learner_id: UUID) -> FamilyMember:
    """The actor as family member; raises NotVisible or Refused."""
    learners_policy.check_can_contribute(actor, learner_id)
    member = family_member_of(actor, learner_id)
    if member is None:
        raise Refused("Only the learner's family can do that.")
    return member
