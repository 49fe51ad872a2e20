"""Sign-off: an open review's changes become the record, for ever, in one transaction."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.common.states import check_can_become
from apps.framework.selectors import Grid
from apps.framework.selectors import grid as framework_grid
from apps.learners import access_rows
from apps.learners.models import FamilyMember
from apps.notifications.actions import tell
from apps.register.actions import Levels, recompute
from apps.reviews.actions import confirming
from apps.reviews.actions.drafting import UNSAID, open_review
from apps.reviews.came_in import about_supports
from apps.reviews.canonical import canonical, record_as_signed
from apps.reviews.models import DraftChange, Kind, LearnerRecord, Progress, Review, Statement
from apps.reviews.proposed import as_statement
from apps.reviews.states import LIFE
from apps.settings import calendar

UPDATED = "The Learner Record was updated. You can read it and say what you think."
_AGAIN = "It is looked at again next term, and you can ask for that at any time."
LEFT = f"The support your child needs is now what every child gets. {_AGAIN}"
LEFT_OWN = f"The support you need is now what everybody gets. {_AGAIN}"


@transaction.atomic
def sign_off(
    *,
    by: Actor,
    review_id: UUID,
    version: int | None,
    conversation_on: date | None = None,
    no_conversation_because: str = "",
    nothing_changed: bool = False,
) -> Review:
    """Sign the review off: freeze it, make its changes true, keep the register true, tell people.

    Either the date of the conversation with the family or why there was none is asked for.
    Raises Invalid when an area has no level or a need no evidence; Stale, InvalidTransition.
    """
    review = open_review(by=by, review_id=review_id, version=version)
    grid = framework_grid(review.framework_id)
    if not conversation_on and not no_conversation_because.strip():
        raise Invalid(
            "Say when you spoke with the family, or why not yet.",
            {"conversation": "Enter the date of the conversation, or why there was none."},
        )
    if conversation_on and conversation_on > clock.today():
        raise Invalid(
            "The conversation cannot be in the future.",
            {"conversation": "Enter a date that is today or earlier."},
        )
    if nothing_changed and review.changes.exists():
        raise Invalid(
            "This review has changes, so it cannot be signed off as unchanged. "
            "Check them, then sign off."
        )
    review.conversation_on = conversation_on
    review.no_conversation_because = no_conversation_because.strip()
    review.nothing_changed = nothing_changed
    if nothing_changed:
        confirming.keep(review, by=by)
    apply_and_sign(by=by, review=review, grid=grid)
    return review


def apply_and_sign(*, by: Actor, review: Review, grid: Grid) -> None:
    """Apply the review's changes and freeze it; the caller has locked it and asked the policy."""
    check_can_become(LIFE, review.state, Review.State.SIGNED_OFF, "This review is not open.")
    record = LearnerRecord.objects.select_for_update().get(pk=review.record_id)
    number = record.last_number + 1
    statements = _apply(review, record, number, grid)
    _check_areas(review, statements, grid)
    progress = _progress(review, statements, number)
    _freeze(by, review, number, statements, progress, grid)
    record.last_number = number
    record.save(update_fields=["last_number"])
    entry = recompute(
        by=by,
        learner=review.learner,
        framework=grid.version,
        levels=levels_of(statements),
        on=clock.today(),
    )
    audit.event(
        by=by,
        action=f"{review.kind} review signed off",
        subject_kind="review",
        subject_id=review.id,
        learner_id=review.learner_id,
        detail={"number": number, "sha256": review.sha256, "on_register": entry is not None},
    )
    _tell(review, left=entry is None and review.entry_id is not None)


def _apply(review: Review, record: LearnerRecord, number: int, grid: Grid) -> list[Statement]:
    """Make the changes true; returns the statements in force from now on."""
    in_force = {
        s.id: s
        for s in Statement.objects.select_related("area", "level").filter(
            record=record, withdrawn_no=None
        )
    }
    new: list[Statement] = []
    ended: list[UUID] = []
    moved: list[Statement] = []
    for draft in review.changes.all():
        if draft.change == DraftChange.Change.ORDER:
            statement = in_force.get(draft.statement_id) if draft.statement_id else None
            if statement:
                statement.order = draft.values["order"]
                moved.append(statement)
            continue
        if draft.statement_id:
            ended.append(draft.statement_id)
            in_force.pop(draft.statement_id, None)
        if draft.change != DraftChange.Change.WITHDRAW:
            new.append(as_statement(draft, grid, record=record, introduced_no=number))
    Statement.objects.filter(pk__in=ended).update(withdrawn_no=number)
    Statement.objects.bulk_update(moved, ["order"])
    Statement.objects.bulk_create(new)
    return [*in_force.values(), *new]


def _check_areas(review: Review, statements: list[Statement], grid: Grid) -> None:
    """Every area has a level: absence never means universal. An entry needs its one area."""
    if review.kind == Review.Kind.ENTRY:
        return
    said = {s.area.code for s in statements if s.kind == Kind.NEED and s.area}
    missing = [a for a in grid.areas if a.code not in said]
    if missing:
        names = ", ".join(a.name for a in missing)
        raise Invalid(
            f"Choose a level for {names}.",
            {f"level-{a.code}": f"Choose a level for {a.name}." for a in missing},
        )


def _progress(review: Review, statements: list[Statement], number: int) -> list[Progress]:
    """Every outcome from before this review gets an answer.

    Where nobody gave one it says so, with what came in about the support for it.
    """
    said = {p.outcome_id: p for p in review.progress.all()}
    outcomes = [s for s in statements if s.kind == Kind.OUTCOME and s.introduced_no < number]
    unsaid = [
        Progress(
            review=review,
            learner_id=review.learner_id,
            outcome=s,
            mark=Progress.Mark.NOT_KNOWN,
            note=UNSAID,
        )
        for s in outcomes
        if s.id not in said
    ]
    said |= {p.outcome_id: p for p in unsaid}
    came_in = about_supports(review, statements)
    reworded = []
    for outcome in outcomes:
        row = said[outcome.id]
        known = came_in.get(outcome.area_id) if outcome.area_id else None
        if known and row.note == UNSAID:
            row.note = f"{UNSAID}. Support in the same area, {known}"
            reworded.append(row)
    Progress.objects.bulk_update([p for p in reworded if p not in unsaid], ["note"])
    Progress.objects.bulk_create(unsaid)
    return list(said.values())


def _freeze(
    by: Actor,
    review: Review,
    number: int,
    statements: list[Statement],
    progress: list[Progress],
    grid: Grid,
) -> None:
    now = clock.now()
    if review.kind == Review.Kind.FIRST:
        # A first review is that of the term in which it is signed, whenever it was due.
        review.year, review.term = calendar.term_on(clock.today(), review.setting).key
    review.number = number
    review.state = Review.State.SIGNED_OFF
    review.signed_off_at = now
    review.signed_off_by_id = by.person_id
    review.signed_off_name = by.name
    review.canonical, review.sha256 = canonical(
        record_as_signed(
            review=review,
            number=number,
            signed_off_at=now.isoformat(),
            signed_off_by=by.name,
            held_by=str(review.setting or review.local_area or ""),
            statements=statements,
            progress=progress,
            grid=grid,
        )
    )
    review.version += 1
    review.save()


def levels_of(statements: list[Statement]) -> Levels:
    """The levels in force by area; an area that nobody has judged yet is absent.

    Absence never means universal (domain.md, Statements).
    """
    return {
        s.area.code: {"level": s.level.code, "rank": s.level.rank}
        for s in statements
        if s.kind == Kind.NEED and s.area and s.level
    }


def _tell(review: Review, *, left: bool) -> None:
    """Tell the family, in words for whoever reads them, and how to come back from the register."""
    readers = access_rows.family_readers(review.learner_id)
    own = set(
        FamilyMember.objects.filter(
            learner_id=review.learner_id, relation=FamilyMember.Relation.SELF
        ).values_list("user_id", flat=True)
    )
    for young, recipients in (
        (True, [r for r in readers if r in own]),
        (False, [r for r in readers if r not in own]),
    ):
        tell(
            recipients=recipients,
            learner_id=review.learner_id,
            kind="record updated",
            text=(LEFT_OWN if young else LEFT) if left else UPDATED,
            link=f"/family/{review.learner_id}/",
            key=f"signed-off:{review.id}",
        )
