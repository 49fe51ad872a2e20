"""A file becomes staged rows: nothing changes until a person has looked and said so."""

from __future__ import annotations

import hashlib
from datetime import date
from uuid import UUID

from django.db import transaction

from apps.access.grants import Actor
from apps.audit import record as audit
from apps.common import clock
from apps.common.doorbell import ring
from apps.common.states import check_can_become
from apps.formats import ctf, existing_register, pupil_list
from apps.formats.problems import BrokenFile, RowProblem
from apps.formats.pupils import PupilRow
from apps.imports import policy
from apps.imports.matching import Roll, outcome, outcome_of_listed, roll_of
from apps.imports.models import Import, ImportRow
from apps.imports.states import LIFE
from apps.learners.models import Enrolment
from apps.settings.models import Setting


@transaction.atomic
def stage(
    *, by: Actor, setting: Setting, file_name: str, data: bytes, register: bool = False
) -> Import:
    """Read a pupil list or a CTF and keep what each row would do, with every problem.

    With `register` the file is the list of those with additional needs that the setting has kept.
    One that cannot be read is kept as *broken* with the reason, and no rows.
    """
    policy.check_can_import(by, setting.id)
    batch = Import(
        setting=setting,
        file_name=file_name[:200],
        format=_format(data, register),
        sha256=hashlib.sha256(data).hexdigest(),
        state=Import.State.STAGED,
        uploaded_by_id=by.person_id,
        uploaded_at=clock.now(),
    )
    rows: list[PupilRow] = []
    try:
        if batch.format == Import.Format.REGISTER:
            rows = existing_register.read(data)
        elif batch.format == Import.Format.CTF:
            transfer = ctf.read(data, today=clock.today())
            rows, batch.notes = transfer.rows, transfer.notes
        else:
            rows = pupil_list.read(data)
    except BrokenFile as error:
        batch.state, batch.problem = Import.State.BROKEN, str(error)
    batch.total = len(rows)
    batch.save(force_insert=True)
    roll = roll_of(setting)
    if register:
        staged = [_listed(batch, row, roll) for row in rows]
        _mark_doubles(staged)
    else:
        staged = [_staged(batch, row, roll) for row in rows]
    ImportRow.objects.bulk_create(staged, batch_size=500)
    _note(by, batch, "file brought in")
    return batch


def _format(data: bytes, register: bool) -> str:
    if register:
        return Import.Format.REGISTER
    return Import.Format.CTF if ctf.looks_like_xml(data) else Import.Format.PUPIL_LIST


def _staged(batch: Import, row: PupilRow, roll: Roll) -> ImportRow:
    found = roll.match(row)
    kind, changes = outcome(row, found, roll)
    return _row(batch, row, found, kind, changes)


def _listed(batch: Import, row: PupilRow, roll: Roll) -> ImportRow:
    found = roll.match_listed(row)
    kind, changes = outcome_of_listed(row, found, roll)
    return _row(batch, row, found, kind, changes)


def _mark_doubles(staged: list[ImportRow]) -> None:
    """A learner who stands in two rows of a list is brought over once, with all that it says."""
    first: dict[UUID, ImportRow] = {}
    for row in staged:
        if row.matched_id is None or row.outcome != ImportRow.Outcome.ADD:
            continue
        if (before := first.setdefault(row.matched_id, row)) is row:
            continue
        before.values["Support"] += row.values["Support"]
        words = [before.values.get("Need", ""), row.values.get("Need", "")]
        before.values["Need"] = " ".join(w for w in words if w)
        row.outcome = ImportRow.Outcome.SAME
        row.problems.append(
            RowProblem(
                row.number,
                "UPN",
                "",
                f"The same learner as row {before.number}: what both say is kept together.",
                "warning",
            ).as_json()
        )


def _row(
    batch: Import, row: PupilRow, found: Enrolment | None, kind: str, changes: list[str]
) -> ImportRow:
    return ImportRow(
        batch=batch,
        setting_id=batch.setting_id,
        number=row.number,
        values={k: str(v) if isinstance(v, date) else v for k, v in row.values.items()},
        outcome=kind,
        changes=changes,
        problems=[p.as_json() for p in row.problems],
        matched_id=found.learner_id if found else None,
    )


@transaction.atomic
def commit(*, by: Actor, import_id: UUID) -> Import:
    """Have the worker add and update what was staged; rows with problems stay out."""
    batch = _locked(by, import_id)
    check_can_become(
        LIFE, batch.state, Import.State.COMMITTING, "This file was dealt with already."
    )
    batch.state = Import.State.COMMITTING
    batch.total = batch.rows.exclude(outcome=ImportRow.Outcome.PROBLEM).count()
    batch.save(update_fields=["state", "total"])
    ring("imports.work", batch.id)
    _note(by, batch, "import committed")
    return batch


@transaction.atomic
def discard(*, by: Actor, import_id: UUID) -> Import:
    """Put a staged file aside; nothing of it was added."""
    batch = _locked(by, import_id)
    check_can_become(LIFE, batch.state, Import.State.DISCARDED, "This file was dealt with already.")
    batch.state = Import.State.DISCARDED
    batch.save(update_fields=["state"])
    batch.rows.all().delete()
    _note(by, batch, "import put aside")
    return batch


def _locked(by: Actor, import_id: UUID) -> Import:
    policy.check_can_import(by, policy.get(by, import_id).setting_id)
    return Import.objects.select_for_update().get(pk=import_id)


def _note(by: Actor, batch: Import, action: str) -> None:
    audit.event(
        by=by,
        action=action,
        subject_kind="import",
        subject_id=batch.id,
        detail={"setting": batch.setting_id, "rows": batch.total, "sha256": batch.sha256},
    )
