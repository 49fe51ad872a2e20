"""Withholding from adults of the family where a learner is, by whom kept, and who works there.

True at the next request, for everyone of the family but those named and the young person. It is the
learner's, not a setting's: it stays when the record passes, and only a person ends it.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.access.grants import Actor
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.learners import policy
from apps.learners.deciding import as_keeper, lay_rights
from apps.learners.models import FamilyMember, Learner, WithheldWhereabouts
from apps.notifications import actions as notifications


def withheld_from_family(actor: Actor, learner_id: UUID) -> WithheldWhereabouts | None:
    """What is withheld now, for those who work with the learner; the family is shown none of it."""
    policy.check_can_read(actor, learner_id)
    return WithheldWhereabouts.objects.filter(learner_id=learner_id, ends_on=None).first()


@transaction.atomic
def withhold_where(
    *, by: Actor, learner: Learner, reason: str, may_know: Iterable[UUID] = ()
) -> WithheldWhereabouts:
    """Withhold whereabouts from now on from all of the family but those in `may_know`.

    Raises Refused, Invalid without a reason, InvalidTransition while they are withheld already.
    """
    policy.check_can_withhold_where(by, learner.id)
    if not reason.strip():
        raise Invalid("Nothing is withheld yet.", {"reason": "Enter the reason"})
    row = WithheldWhereabouts(
        learner=learner,
        reason=reason.strip(),
        may_know=_of_family(by, learner, may_know),
        starts_on=clock.today(),
        set_by_id=by.key,
        set_by=", ".join(part for part in (by.name, by.role, by.organisation_name) if part),
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        raise InvalidTransition("Where this learner is, is withheld already.") from None
    _lay(by, row)
    _note(by, "whereabouts withheld from family", row)
    return row


@transaction.atomic
def change_who_knows(*, by: Actor, row: WithheldWhereabouts, may_know: Iterable[UUID]) -> None:
    """Say anew which members of the family may know; the rest may not, from now on."""
    policy.check_can_withhold_where(by, row.learner_id)
    _check_runs(row)
    row.may_know = _of_family(by, row.learner, may_know)
    row.save(update_fields=["may_know"])
    _lay(by, row)
    _note(by, "changed who may know whereabouts", row)


@transaction.atomic
def accept_words(*, by: Actor, row: WithheldWhereabouts, statement_id: UUID) -> None:
    """Somebody read a statement that names a place or person, and found that it tells nothing."""
    policy.check_can_hold(by, row.learner_id)
    _check_runs(row)
    if statement_id not in row.accepted:
        row.accepted = [*row.accepted, statement_id]
        row.save(update_fields=["accepted"])
        _note(by, "accepted words while whereabouts are withheld", row)


@transaction.atomic
def show_where_again(*, by: Actor, row: WithheldWhereabouts, why: str) -> None:
    """End the withholding; says why. What the family's rights let them read, they read again."""
    policy.check_can_withhold_where(by, row.learner_id)
    _check_runs(row)
    if not why.strip():
        raise Invalid("It is still withheld.", {"why": "Enter the reason"})
    row.ends_on, row.why_ended = clock.today(), why.strip()
    row.save(update_fields=["ends_on", "why_ended"])
    _lay(by, row)
    _note(by, "whereabouts shown to family again", row)


def _of_family(by: Actor, learner: Learner, may_know: Iterable[UUID]) -> list[UUID]:
    wanted = set(may_know)
    known = set(FamilyMember.objects.filter(learner=learner).values_list("id", flat=True))
    if wanted - known:
        raise Invalid("Nothing is withheld yet.", {"may_know": "Choose from the family"})
    return sorted(wanted)


def _check_runs(row: WithheldWhereabouts) -> None:
    if row.ends_on is not None:
        raise InvalidTransition("Where this learner is, is not withheld any more.")


def _lay(by: Actor, row: WithheldWhereabouts) -> None:
    """What was told before may name a place: it goes from those who may not know."""
    with as_keeper(by, row.learner_id):
        lay_rights(row.learner)
        if row.ends_on is None:
            others = row.learner.family.exclude(user=None).exclude(id__in=row.may_know)
            notifications.take_back(
                recipients=others.exclude(relation=FamilyMember.Relation.SELF).values_list(
                    "user_id", flat=True
                ),
                learner_id=row.learner_id,
            )


def _note(by: Actor, action: str, row: WithheldWhereabouts) -> None:
    record.event(
        by=by,
        action=action,
        subject_kind="withheld whereabouts",
        subject_id=row.id,
        learner_id=row.learner_id,
        detail={"may_know": len(row.may_know)},
    )
