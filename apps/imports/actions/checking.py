"""Numbers that an import brought: whose are they?

The importing setting reads the same words at the same time whatever the answer: *added, number
being checked*; the result shows the next working day. Same birth date as another setting's learner:
a move is proposed to the holder. Another birth date: a case for the local area. Nothing of that
learner is shown to anyone who could not see them before.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from apps.access import grants, rls
from apps.access.grants import Actor
from apps.audit import record
from apps.common import clock
from apps.imports.models import IdentifierCheck
from apps.learners.actions import note_former_upns, update_learner
from apps.learners.models import Learner
from apps.notifications.actions import tell

State = IdentifierCheck.State


def settle_due() -> int:
    """Settle every check whose day has come; returns how many."""
    with rls.acting(grants.worker()):
        due = IdentifierCheck.objects.filter(state=State.WAITING, show_from__lte=clock.today())
        found = list(due.values_list("pk", "setting_id"))
    for pk, setting_id in found:
        _settle(pk, setting_id)
    return len(found)


def _settle(check_id: UUID, setting_id: UUID) -> None:
    with rls.acting(grants.worker(setting_id)) as by:
        check = IdentifierCheck.objects.select_for_update().get(pk=check_id)
        if check.state != State.WAITING:
            return
        learner = Learner.objects.get(pk=check.learner_id)
        if learner.closed_because:
            return
        others = [
            owner
            for number in (check.upn, *check.former_upns)
            if number
            for owner in _owners(number)
            if owner[0] != learner.id
        ]
        if others:
            same = any(born == learner.date_of_birth for _, born, _ in others)
            check.state = State.MOVE_PROPOSED if same else State.WITH_AREA
            holders = [holder for _, _, holder in others if holder] if same else []
            if all(born for _, born, _ in others):
                _tell(check, holders)
        else:
            check.state = State.CLEAR
            _take(by, learner, {"identifier_being_checked": False})
            if check.upn:
                _take(by, learner, {"upn": check.upn})
            note_former_upns(by=by, learner=learner, upns=check.former_upns)
        for name, number in check.other_numbers.items():
            _take(by, learner, {name: number})
        check.settled_at = clock.now()
        check.save(update_fields=["state", "settled_at"])


def _take(by: Actor, learner: Learner, values: dict[str, Any]) -> None:
    """Give the learner a number, unless somebody has it, which only the log says."""
    try:
        with transaction.atomic():
            update_learner(by=by, learner=learner, values=values)
    except IntegrityError:
        learner.refresh_from_db()
        record.event(
            by=by,
            action="number not kept",
            subject_kind="learner",
            subject_id=learner.id,
            learner_id=learner.id,
            detail={"numbers": sorted(values)},
        )


def _owners(upn: str) -> list[tuple[UUID, date | None, UUID | None]]:
    """Learner, birth date and holder of whoever has or had this number, by the one door to that.

    Without birth date and holder where the record is closed: nobody is told anything of it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT learner_id, date_of_birth, holder_id FROM learners_with_upn(%s)", [upn]
        )
        return cursor.fetchall()


def _tell(check: IdentifierCheck, holders: list[UUID]) -> None:
    """The holder is told that a learner seems to have joined another setting; else the area."""
    setting = check.setting
    if holders:
        text = f"{setting} tells us that a learner whom you hold has joined them. Is it a move?"
        tell(
            recipients=holders,
            learner_id=None,
            kind="move proposed",
            text=text,
            link="/moves/",
            key=f"upn-move:{check.id}",
        )
        return
    tell(
        recipients=[setting.local_area_id],
        learner_id=None,
        kind="number in question",
        text=f"{setting} brought a UPN that belongs to a learner with another birth date.",
        link="/area/",
        key=f"upn-area:{check.id}",
    )
