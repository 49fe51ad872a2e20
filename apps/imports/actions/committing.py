"""The worker adds and updates the learners of an import, some at a time, so that progress shows.

The row is the queue: each keeps when it was done, so that a worker that dies loses nothing and does
nothing twice. The sweep rings again for what was left.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import F

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.common import clock
from apps.common.doorbell import ring
from apps.formats.pupils import PupilRow
from apps.imports.matching import Roll, Spell, left_alone, roll_of
from apps.imports.models import IdentifierCheck, Import, ImportRow
from apps.learners.actions import (
    add_learner,
    note_census_code,
    update_enrolment,
    update_learner,
)
from apps.learners.family import add_family_member
from apps.learners.models import Enrolment, Learner
from apps.reviews.actions.brought_over import bring_over
from apps.settings import calendar

AT_A_TIME = 50
DATES = ("Date of birth", "Start date")


def work(import_id: UUID) -> None:
    """Do what is left of an import."""
    with rls.acting(grants.worker()):
        batch = Import.objects.filter(pk=import_id, state=Import.State.COMMITTING).first()
    while batch is not None and _some(batch):
        pass


def _some(batch: Import) -> bool:
    """Do the next rows in one transaction; False when none was left and the import is done."""
    with rls.acting(grants.worker(batch.setting_id)) as by:
        locked = (
            Import.objects.select_for_update(of=("self",))
            .select_related("setting__local_area", "uploaded_by")
            .get(pk=batch.pk)
        )
        if locked.state != Import.State.COMMITTING:
            return False
        left = locked.rows.filter(done_at=None).exclude(outcome=ImportRow.Outcome.PROBLEM)
        rows = list(left.order_by("number")[:AT_A_TIME])
        if not rows:
            locked.state = Import.State.COMMITTED
            locked.committed_at = clock.now()
            locked.save(update_fields=["state", "committed_at"])
            return False
        if locked.format == Import.Format.REGISTER:
            _bring_over(by, locked, rows)
        else:
            _commit_rows(by, locked, rows)
        ImportRow.objects.filter(pk__in=[r.pk for r in rows]).update(done_at=clock.now())
        Import.objects.filter(pk=batch.pk).update(done=F("done") + len(rows))
        return True


def _bring_over(by: Actor, batch: Import, rows: list[ImportRow]) -> None:
    """Put those of an existing list on the register, level to be chosen."""
    new = {
        r.matched_id: r.values for r in rows if r.matched_id and r.outcome == ImportRow.Outcome.ADD
    }
    for learner in Learner.objects.filter(pk__in=new):
        said = new[learner.pk]
        bring_over(
            by=by,
            learner=learner,
            setting=batch.setting,
            brought_by=batch.uploaded_by.name if batch.uploaded_by else by.name,
            need=said.get("Need", ""),
            need_type=said.get("Type of need", ""),
            supports=said["Support"],
        )


def _commit_rows(by: Actor, batch: Import, rows: list[ImportRow]) -> None:
    roll = roll_of(batch.setting)
    for staged in rows:
        row = PupilRow(staged.number, _values(staged.values))
        found = roll.match(row)
        if found is not None and left_alone(found):
            continue
        learner = _bring(by, batch, row, found, roll)
        known_id = found.learner_id if found else None
        _check_numbers(
            batch, learner, row, roll.new_upn(row, known_id), roll.new_numbers(row, known_id)
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
        values=roll.learner_values(row),
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


def _check_numbers(
    batch: Import, learner: Learner, row: PupilRow, upn: str | None, others: dict[str, str]
) -> None:
    """Every number new to the setting is checked before it is used, whoever's it is."""
    if upn is None and not others:
        return
    former = row.values.get("Former UPN")
    IdentifierCheck.objects.create(
        setting=batch.setting,
        learner=learner,
        upn=upn or "",
        other_numbers=others,
        former_upns=[former] if upn and former and former != upn else [],
        show_from=calendar.next_working_day(clock.today()),
        opened_at=clock.now(),
    )
    Learner.objects.filter(pk=learner.pk).update(identifier_being_checked=True)


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
