"""Two records of one child: people join them, and a join can be undone (domain.md, rule 7).

A join is a link and not a merge. The joined record stays byte for byte as it was signed and is read
through the one that goes on, which takes over numbers, family, place and plan. Everything that
this changes is kept on the closure, so that undoing restores it.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Greatest

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid, InvalidTransition
from apps.learners import access_rows, deciding
from apps.learners.models import Learner, LearnerAccess, WithheldWhereabouts
from apps.lives import policy
from apps.lives.actions import closing, numbers, taking_over
from apps.lives.changes import Changes
from apps.lives.models import Closure
from apps.notifications.actions import tell
from apps.register.models import RegisterEntry
from apps.reviews.actions.places import refresh_register

ENDED = "Joined to another record of the same child"
READERS = "readers"


@transaction.atomic
def join(*, by: Actor, kept_id: UUID, joined_id: UUID, why: str) -> Closure:
    """Join one record into another, which goes on; both are of the same child.

    Raises Invalid without a reason or the wrong way round, InvalidTransition where one is closed.
    """
    policy.check_can_join(by, kept_id, joined_id)
    if kept_id == joined_id:
        raise Invalid("Choose two records.")
    if not why.strip():
        raise Invalid(
            "Nothing was joined yet.", {"why": "Say how you know that this is one child."}
        )
    kept, joined = (Learner.objects.get(pk=key) for key in (kept_id, joined_id))
    _check_way_round(kept, joined)
    held = [closing.holder_of(learner) for learner in (kept, joined)]
    with rls.acting(grants.worker(*held)) as worker:
        for key in sorted((kept_id, joined_id)):
            closing.lock(key)
        closure = _join(by, worker, kept, joined, why.strip(), held[1])
        _tell(by, kept, held, closure)
    rls.set_context(by)
    for learner in (kept, joined):
        audit.event(
            by=by,
            action="records joined",
            subject_kind="closure",
            subject_id=closure.id,
            learner_id=learner.id,
        )
    return closure


def _check_way_round(kept: Learner, joined: Learner) -> None:
    for learner in (kept, joined):
        learner.refresh_from_db()
        if learner.closed_because:
            raise InvalidTransition(f"The record of {learner} is closed.")
    if WithheldWhereabouts.objects.filter(learner=joined, ends_on=None).exists():
        raise InvalidTransition(
            "Where this child is, is withheld from part of the family in the record that would be "
            "joined. Withhold it in the one that goes on, then end it here: joining would tell."
        )
    if deciding.in_force(joined.id):
        raise InvalidTransition(
            "The young person has decided who reads the record that would be joined. Join them the "
            "other way round, or ask them again there first."
        )
    taking_over.check_family(kept, joined)
    for learner in (kept, joined):
        if closing.unsettled(learner.id):
            raise InvalidTransition(
                f"A legal hold or a decision that waits concerns {learner}. Settle that first."
            )
    if hasattr(joined, "record") and not hasattr(kept, "record"):
        raise Invalid(
            "Join them the other way round.",
            {"goes_on": "Choose the one with a Learner Record: what was signed goes on."},
        )


def _join(
    by: Actor, worker: Actor, kept: Learner, joined: Learner, why: str, held_by: UUID
) -> Closure:
    changes = Changes()
    before = taking_over.facts_of(joined)
    closing.stop(joined, changes, ENDED)
    numbers.take(kept, joined, changes)
    taking_over.take_family(kept, joined, changes)
    taking_over.take_place(kept, before, changes)
    taking_over.take_plan(kept, before, changes)
    with changes.watching(taking_over.LISTED, RegisterEntry.objects.filter(learner=kept)):
        refresh_register(by=worker, learner=kept)
    readers = LearnerAccess.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=clock.today()), learner=joined
    )
    for reader in readers:
        changes.note(READERS, reader, "ends_on")
    closure = closing.close(
        by=by,
        learner=joined,
        because=Learner.Closed.JOINED,
        why=why,
        changes=changes,
        held_by=held_by,
        into=kept,
    )
    # Last, since the right to write all this comes from rows that end here.
    readers.update(ends_on=Greatest("starts_on", clock.today()))
    return closure


def _tell(by: Actor, kept: Learner, held: list[UUID], closure: Closure) -> None:
    """The settings, where somebody else joined the records; and the family, in their words."""
    own = {place.organisation_id for place in by.places}
    tell(
        recipients=[key for key in held if key not in own],
        learner_id=kept.id,
        kind="records joined",
        text=f"Two records were found to be {kept}'s: {by.name} has joined them.",
        link=f"/learners/{kept.id}/earlier/",
        key=f"joined:{closure.id}",
    )
    tell(
        recipients=access_rows.family_readers(kept.id),
        learner_id=kept.id,
        kind="records joined",
        text="There were two records of your child. They are one now.",
        link=f"/family/{kept.id}/",
        key=f"joined:{closure.id}",
    )


@transaction.atomic
def part(*, by: Actor, closure_id: UUID, why: str) -> Closure:
    """They are two children: both records are again what they were.

    What happened since the join stays with the record that went on. Raises Invalid without a
    reason, InvalidTransition the second time.
    """
    closure = policy.joined(by, closure_id)
    assert closure.into_id
    policy.check_can_part(by, closure.into_id)
    if closure.undone_at:
        raise InvalidTransition("This join was undone already.")
    if not why.strip():
        raise Invalid("Nothing has changed yet.", {"why": "Say how you know that they are two."})
    kept = Learner.objects.get(pk=closure.into_id)
    if kept.closed_because:
        raise InvalidTransition(f"The record of {kept} is closed.")
    if closing.unsettled(kept.id):
        raise InvalidTransition(
            "A legal hold or a decision that waits is on both: settle it first."
        )
    held = {
        closing.holder_of(kept),
        closure.held_by,
        *taking_over.held_before(Changes(closure.changed)),
    }
    with rls.acting(grants.worker(*held)) as worker:
        _part(by, worker, kept, Closure.objects.get(pk=closure.pk), why.strip())
    rls.set_context(by)
    for learner_id in (kept.id, closure.learner_id):
        audit.event(
            by=by,
            action="join undone",
            subject_kind="closure",
            subject_id=closure.id,
            learner_id=learner_id,
        )
    return closure


def _part(by: Actor, worker: Actor, kept: Learner, closure: Closure, why: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT lives_give_back(%s)", [closure.id])
    closing.lock(closure.learner_id)
    changes = Changes(closure.changed)
    taking_over.give_back(kept, changes)
    closing.reopen(closure)
    refresh_register(by=worker, learner=kept)
    closing.mark_undone(closure, by, why)
