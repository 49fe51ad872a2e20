"""A class round: how each support of a learner works, as a teacher sees it, in one act."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.common.exceptions import Invalid
from apps.learners.models import Learner
from apps.reviews import policy
from apps.reviews.actions import supports, voices
from apps.reviews.models import (
    Ask,
    Contribution,
    Kind,
    Statement,
    SupportCheck,
    SupportSeen,
)

Mark = SupportSeen.Mark
AS_EXPECTED = {Mark.WORKS, Mark.NOT_SEEN}
# What a mark also says of whether the support happens; the others do not say.
HAPPENS = {
    Mark.WORKS: SupportCheck.Answer.AS_PLANNED,
    Mark.PARTLY: SupportCheck.Answer.PARTLY,
}


@transaction.atomic
def answer_round(
    *,
    by: Actor,
    learner: Learner,
    seen: Mapping[UUID, tuple[str, str]],
    going_well: str = "",
    harder: str = "",
) -> Contribution:
    """Keep what a teacher sees: of each support a mark and a note, and words if there are any.

    A support that works, or partly, is checked as well where nobody has checked it this half term.
    The same again, from a page that somebody went back to, is kept once. Raises Invalid where a
    note is missing or nothing is said; NotVisible, Refused.
    """
    policy.check_can_check_support(by, learner.id)
    in_force = {
        s.id: s
        for s in policy.statements_visible(by, family=False).filter(
            learner=learner, kind=Kind.SUPPORT, withdrawn_no=None
        )
    }
    seen = {key: (mark, note.strip()) for key, (mark, note) in seen.items() if key in in_force}
    _check_notes(seen)
    seen = {k: (mark, "" if mark in AS_EXPECTED else note) for k, (mark, note) in seen.items()}
    if said := _said_already(by, learner, seen, (going_well.strip(), harder.strip())):
        return said
    contribution = voices.contribute(
        by=by, learner=learner, going_well=going_well, harder=harder, on_support=bool(seen)
    )
    SupportSeen.objects.bulk_create(
        SupportSeen(
            learner=learner, contribution=contribution, statement_id=key, mark=mark, note=note
        )
        for key, (mark, note) in seen.items()
    )
    _check(by, learner, in_force, seen)
    return contribution


def _said_already(
    by: Actor, learner: Learner, seen: dict[UUID, tuple[str, str]], words: tuple[str, str]
) -> Contribution | None:
    """What this teacher said last of the learner, if it is the same and nobody has asked since."""
    own = {"learner": learner, "user_id": by.key}
    if policy.asks_visible(by).filter(**own, state=Ask.State.ASKED).exists():
        return None
    rows = policy.contributions_visible(by, family=False)
    last = rows.filter(learner=learner, author_id=by.key).order_by("said_at").last()
    if last is None or (last.going_well, last.harder) != words:
        return None
    marks = last.supports.values_list("statement_id", "mark", "note")
    return last if {key: (mark, note) for key, mark, note in marks} == seen else None


def _check_notes(seen: Mapping[UUID, tuple[str, str]]) -> None:
    wrong = {}
    for key, (mark, note) in seen.items():
        if mark not in Mark.values:
            wrong[f"mark-{key}"] = "Choose how it works."
        elif mark not in AS_EXPECTED and not note:
            wrong[f"note-{key}"] = "Say in a few words what you see."
    if wrong:
        raise Invalid("Say what you see where a support is not as expected.", wrong)


def _check(
    by: Actor,
    learner: Learner,
    in_force: Mapping[UUID, Statement],
    seen: Mapping[UUID, tuple[str, str]],
) -> None:
    answers = {
        in_force[key]: (HAPPENS[Mark(mark)], note if mark == Mark.PARTLY else "")
        for key, (mark, note) in seen.items()
        if mark in HAPPENS
    }
    supports.check_unless_said(by=by, learner=learner, answers=answers)
