"""Numbers that an import brought: whose are they?

The importing setting reads the same words at the same time whatever the answer: *added, number
being checked*; the result shows the next working day. Same birth date as another setting's learner:
a move is proposed to the holder. Another birth date: a case for the local area. Nothing of that
learner is shown to anyone who could not see them before.
"""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from apps.access import grants, rls
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
        numbers = [check.upn, *check.former_upns]
        others = [o for number in numbers for o in _owners(number) if o[0] != learner.id]
        values = {"identifier_being_checked": False}
        if not others:
            check.state = State.CLEAR
            try:
                with transaction.atomic():
                    update_learner(by=by, learner=learner, values={**values, "upn": check.upn})
                    note_former_upns(by=by, learner=learner, upns=check.former_upns)
            except IntegrityError:
                return
        else:
            same = any(born == learner.date_of_birth for _, born, _ in others)
            check.state = State.MOVE_PROPOSED if same else State.WITH_AREA
            holders = [holder for _, _, holder in others if holder] if same else []
            _tell(check, holders)
        check.settled_at = clock.now()
        check.save(update_fields=["state", "settled_at"])


def _owners(upn: str) -> list[tuple[UUID, date, UUID | None]]:
    """Learner, birth date and holder of whoever has or had this number, by the one door to that."""
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
