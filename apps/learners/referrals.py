"""Referring a learner to a specialist who works at a setting of theirs, and ending that.

The right is granted to the deployment, a membership with dates: when it ends, everything that was
referred to it ends with it.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from apps.access.grants import Actor
from apps.access.models import Membership
from apps.access.permissions import Right
from apps.access.roles import ROLES, Through
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.learners import access_rows, policy
from apps.learners.access_rows import Grantee
from apps.learners.models import Enrolment, Learner, LearnerAccess, Referral

# The reason that rows of learner access carry.
REFERRED = "referred"
_DEPLOYED = [role.code for role in ROLES.values() if role.through is Through.DEPLOYMENT]


def deployed_for(actor: Actor, learner: Learner) -> list[Membership]:
    """The specialists, now or coming, at the settings where the learner is, by name."""
    policy.check_can_hold(actor, learner.id)
    today = clock.today()
    now_on = Q(ends_on=None) | Q(ends_on__gt=today)
    places = Enrolment.objects.filter(now_on, learner=learner, starts_on__lte=today)
    found = Membership.objects.filter(
        now_on, role__in=_DEPLOYED, setting_id__in=list(places.values_list("setting_id", flat=True))
    )
    return list(found.select_related("user", "setting").order_by("user__name", "id"))


def of_learner(actor: Actor, learner_id: UUID) -> list[Referral]:
    """Every referral of a learner, those that run first, then the newest."""
    policy.check_can_read(actor, learner_id)
    rows = Referral.objects.filter(learner_id=learner_id)
    found = list(
        rows.select_related("deployment__user", "deployment__setting").order_by("-starts_on", "-id")
    )
    return sorted(found, key=lambda referral: not runs(referral))


def to(actor: Actor) -> list[Referral]:
    """What is referred to the actor's own deployments now, by the learner's name."""
    rows = Referral.objects.filter(
        policy.seen_by(actor, "learner_id"),
        deployment_id__in=[p.membership_id for p in actor.places],
        ends_on=None,
    )
    found = rows.select_related("learner", "deployment__setting", "referred_by")
    return list(found.order_by("learner__name_key", "id"))


def runs(referral: Referral) -> bool:
    """Whether the referral and the deployment both go on."""
    ends = (referral.ends_on, referral.deployment.ends_on)
    return all(day is None or day > clock.today() for day in ends)


@transaction.atomic
def refer(*, by: Actor, learner: Learner, deployment_id: UUID, why: str) -> Referral:
    """Let a specialist read and add to this record from today, for a reason.

    Raises Invalid without a reason, or for somebody who works at no setting of the learner's;
    InvalidTransition for one who has the referral already.
    """
    policy.check_can_hold(by, learner.id)
    wrong: dict[str, str] = {}
    deployment = next((d for d in deployed_for(by, learner) if d.id == deployment_id), None)
    if deployment is None:
        wrong["specialist"] = "Choose a specialist who works where the learner is"
    if not why.strip():
        wrong["why"] = "Say what the specialist is asked to look at"
    if wrong or deployment is None:
        raise Invalid("Nobody is referred yet.", wrong)
    if Referral.objects.filter(learner=learner, deployment=deployment, ends_on=None).exists():
        raise InvalidTransition(f"{learner} is referred to {deployment.user} already.")
    referral = Referral(
        learner=learner,
        deployment=deployment,
        why=why.strip(),
        referred_by_id=by.person_id,
        starts_on=clock.today(),
    )
    referral.save(force_insert=True)
    access_rows.give(
        learner_id=learner.id,
        kind=Grantee.DEPLOYMENT,
        grantee_id=deployment.id,
        right=Right.CONTRIBUTE,
        reason=REFERRED,
        because_id=referral.id,
    )
    _note(by, "referred to a specialist", referral)
    return referral


@transaction.atomic
def end(*, by: Actor, referral: Referral) -> None:
    """End a referral, true at the specialist's very next request."""
    policy.check_can_hold(by, referral.learner_id)
    if referral.ends_on:
        raise InvalidTransition("This referral has ended already.")
    referral.ends_on = clock.today()
    referral.save(update_fields=["ends_on"])
    access_rows.end(
        learner_id=referral.learner_id, grantee_id=referral.deployment_id, reason=REFERRED
    )
    _note(by, "referral ended", referral)


def end_all(learner: Learner, setting_id: UUID | None = None) -> None:
    """End what a setting referred, or everything: the learner is there no more.

    Called by actions that have asked who keeps the record.
    """
    rows = Referral.objects.filter(learner=learner, ends_on=None)
    if setting_id:
        rows = rows.filter(deployment__setting_id=setting_id)
    deployments = list(rows.values_list("deployment_id", flat=True))
    rows.update(ends_on=clock.today())
    LearnerAccess.objects.filter(
        learner=learner, grantee_id__in=deployments, reason=REFERRED, ends_on=None
    ).update(ends_on=clock.today())


def pass_on(*, deployments: dict[UUID, UUID]) -> None:
    """What was referred to a deployment goes on with the one that follows it, at a successor.

    Called by the action that passes a setting on, under the context of whoever keeps the records.
    """
    for before, after in deployments.items():
        Referral.objects.filter(deployment_id=before, ends_on=None).update(deployment_id=after)
        access_rows.pass_on(kind=Grantee.DEPLOYMENT, before=before, after=after)


def _note(by: Actor, action: str, referral: Referral) -> None:
    record.event(
        by=by,
        action=action,
        subject_kind="referral",
        subject_id=referral.id,
        learner_id=referral.learner_id,
        detail={"deployment": referral.deployment_id},
    )
