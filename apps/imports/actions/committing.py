"""The worker adds and updates the learners of an import, some at a time, so that progress shows.

The row is the queue: each keeps when it was done, so that a worker that dies loses nothing and does
nothing twice. The sweep rings again for what was left.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.common import clock
from apps.common.doorbell import ring
from apps.common.exceptions import DomainError, NotVisible
from apps.formats.problems import RowProblem
from apps.formats.pupils import PupilRow
from apps.imports.actions.checking import have_checked
from apps.imports.matching import Roll, Spell, left_alone, roll_of
from apps.imports.models import Import, ImportRow
from apps.learners.actions import (
    add_learner,
    note_census_code,
    update_enrolment,
    update_learner,
)
from apps.learners.family import add_family_member
from apps.learners.models import Enrolment, Learner
from apps.reviews.actions.brought_over import bring_over

AT_A_TIME = 50
MOST_ATTEMPTS = 5
DATES = ("Date of birth", "Start date")
GAVE_UP = (
    "The work stopped before this row, again and again. Bring the whole file again, and if it "
    "stops again, tell whoever runs the service."
)


def work(import_id: UUID) -> None:
    """Do what is left of an import. Twice changes nothing; after five deaths of a part it ends."""
    setting_id = _attempted(import_id)
    while setting_id is not None and _some(import_id, setting_id):
        pass


def _attempted(import_id: UUID) -> UUID | None:
    """Whose import it is, to go on with; counted before the work, so that a part that kills its
    worker ends.
    """
    with rls.acting(grants.worker()):
        batch = _waiting(import_id)
        if batch is None:
            return None
        batch.attempts += 1
        batch.save(update_fields=["attempts"])
        if batch.attempts <= MOST_ATTEMPTS:
            return batch.setting_id
        for row in _left(batch):
            _leave_out(row, GAVE_UP)
        _end(batch)
        return None


def _waiting(import_id: UUID) -> Import | None:
    """The import, locked; None if it ended, or another worker has it."""
    rows = Import.objects.select_for_update(of=("self",), skip_locked=True)
    rows = rows.select_related("setting__local_area", "uploaded_by")
    return rows.filter(pk=import_id, state=Import.State.COMMITTING).first()


def _left(batch: Import) -> QuerySet[ImportRow]:
    rows = batch.rows.filter(done_at=None).exclude(outcome=ImportRow.Outcome.PROBLEM)
    return rows.order_by("number")


def _some(import_id: UUID, setting_id: UUID) -> bool:
    """Do the next rows in one transaction; False when the import ended or another worker has it."""
    with rls.acting(grants.worker(setting_id)) as by:
        batch = _waiting(import_id)
        if batch is None:
            return False
        rows = list(_left(batch)[:AT_A_TIME])
        if not rows:
            _end(batch)
            return False
        if batch.format == Import.Format.REGISTER:
            done = [row for row in rows if _done(row, _bring_over, by, batch)]
        else:
            roll = roll_of(batch.setting)
            done = [row for row in rows if _done(row, _commit_row, by, batch, roll)]
        ImportRow.objects.filter(pk__in=[r.pk for r in done]).update(done_at=clock.now())
        batch.done += len(done)
        batch.total -= len(rows) - len(done)
        batch.attempts = 0
        batch.save(update_fields=["done", "total", "attempts"])
        return True


def _end(batch: Import) -> None:
    batch.state = Import.State.COMMITTED
    batch.committed_at = clock.now()
    batch.save(update_fields=["state", "committed_at"])


def _done(row: ImportRow, act: Callable[..., None], *args: Any) -> bool:
    """Do a row, and say whether it was done: what is refused is this row's problem and no other's.

    Between looking at a file and adding it a learner may have moved on, or died.
    """
    try:
        with transaction.atomic():
            act(row, *args)
    except DomainError as refused:
        _leave_out(row, f"This was left out. {refused}")
        return False
    return True


def _leave_out(row: ImportRow, why: str) -> None:
    row.outcome = ImportRow.Outcome.PROBLEM
    row.problems.append(RowProblem(row.number, "UPN", "", why).as_json())
    row.save(update_fields=["outcome", "problems"])


def _bring_over(row: ImportRow, by: Actor, batch: Import) -> None:
    """Put a learner of an existing list on the register, level to be chosen."""
    if row.outcome != ImportRow.Outcome.ADD or row.matched_id is None:
        return
    learner = Learner.objects.filter(pk=row.matched_id).first()
    if learner is None:
        raise NotVisible("They are not on your roll any more.")
    bring_over(
        by=by,
        learner=learner,
        setting=batch.setting,
        brought_by=batch.uploaded_by.name if batch.uploaded_by else by.name,
        need=row.values.get("Need", ""),
        need_type=row.values.get("Type of need", ""),
        supports=row.values["Support"],
    )


def _commit_row(staged: ImportRow, by: Actor, batch: Import, roll: Roll) -> None:
    """Add the learner of a row, or bring theirs up to date, with all else that it says."""
    row = PupilRow(staged.number, _values(staged.values))
    found = roll.match(row)
    if found is not None and left_alone(found):
        return
    learner = _bring(by, batch, row, found, roll)
    known_id = found.learner_id if found else None
    have_checked(
        setting=batch.setting,
        learner=learner,
        upn=roll.new_upn(row, known_id) or "",
        others=roll.new_numbers(row, known_id),
        former=row.values.get("Former UPN", ""),
    )
    for contact in roll.new_contacts(row, known_id):
        _add_contact(by, batch, learner, contact)
    for spell in roll.new_spells(row, known_id):
        _note_code(by, batch, learner, spell)


def _bring(by: Actor, batch: Import, row: PupilRow, found: Enrolment | None, roll: Roll) -> Learner:
    """Add the learner of a row, or bring theirs up to date."""
    if found is None:
        return _add(by, batch, row, roll)
    learner = Learner.objects.get(pk=found.learner_id)
    _update(by, found, learner, row, roll)
    return learner


def _values(values: dict[str, Any]) -> dict[str, Any]:
    """A staged row's values with their dates as dates again."""
    return {k: date.fromisoformat(v) if k in DATES else v for k, v in values.items()}


def _add(by: Actor, batch: Import, row: PupilRow, roll: Roll) -> Learner:
    return add_learner(
        by=by,
        setting=batch.setting,
        values=roll.new_learner_values(row),
        year_group=row.values["Year group"],
        starts_on=min(row.values.get("Start date") or clock.today(), clock.today()),
        class_name=row.values.get("Class", "")[:40],
    )


def _update(by: Actor, found: Enrolment, learner: Learner, row: PupilRow, roll: Roll) -> None:
    new = {k: v for k, v in roll.learner_values(row).items() if getattr(learner, k) != v}
    if new:
        update_learner(by=by, learner=learner, values=new)
    year, group = row.values["Year group"], row.values.get("Class", found.class_name)[:40]
    if (year, group) != (found.year_group, found.class_name):
        update_enrolment(by=by, enrolment=found, year_group=year, class_name=group)


def _add_contact(by: Actor, batch: Import, learner: Learner, contact: dict[str, Any]) -> None:
    """An adult whom the file names; they see nothing until the setting invites them."""
    add_family_member(
        by=by,
        learner=learner,
        values={
            "name": contact["name"],
            "relation": contact["relation"],
            "parental_responsibility": contact["responsible"],
            "basis": f"Named in {batch.file_name}"[:200],
            "email": contact["email"],
            "telephone": contact["telephone"],
        },
    )


def _note_code(by: Actor, batch: Import, learner: Learner, spell: Spell) -> None:
    note_census_code(
        by=by,
        learner=learner,
        setting_id=None if spell.ends_on else batch.setting_id,
        code=spell.code,
        need_types=spell.needs,
        starts_on=spell.starts_on,
        ends_on=spell.ends_on,
    )


def sweep() -> int:
    """Ring for imports that are under way and may have been dropped; returns how many."""
    with rls.acting(grants.worker()):
        waiting = list(
            Import.objects.filter(state=Import.State.COMMITTING).values_list("pk", flat=True)
        )
        for pk in waiting:
            ring("imports.work", pk)
    return len(waiting)
