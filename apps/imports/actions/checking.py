"""Numbers that an import brought: whose are they?

The importing setting reads the same words at the same time whatever the answer: *added, number
being checked*; the result shows the next working day. Same birth date as another setting's learner:
a move is proposed to the holder. Another birth date: a case for the local area. Nothing of that
learner is shown to anyone who could not see them before. Either ends once the number is nobody
else's: the two records were joined. Each working day looks again.
"""

from __future__ import annotations

import logging
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
from apps.lives.actions.numbers import gives_way
from apps.notifications.actions import tell
from apps.settings import calendar
from apps.settings.models import Setting

log = logging.getLogger("learner_record.imports")

State = IdentifierCheck.State
OPEN = (State.WAITING, State.MOVE_PROPOSED, State.WITH_AREA)


def have_checked(
    *,
    setting: Setting,
    learner: Learner,
    upn: str = "",
    others: dict[str, str] | None = None,
    former: str = "",
) -> None:
    """Every number new to the setting is checked before it is used, whoever's it is.

    Called by actions that have asked the policy.
    """
    if not upn and not others:
        return
    IdentifierCheck.objects.create(
        setting=setting,
        learner=learner,
        upn=upn,
        other_numbers=others or {},
        former_upns=[former] if upn and former and former != upn else [],
        show_from=calendar.next_working_day(clock.today()),
        opened_at=clock.now(),
    )
    Learner.objects.filter(pk=learner.pk).update(identifier_being_checked=True)


def settle_due() -> int:
    """Settle every check whose day has come, each by itself; returns how many were settled."""
    with rls.acting(grants.worker()):
        due = IdentifierCheck.objects.filter(state__in=OPEN, show_from__lte=clock.today())
        found = list(due.order_by("show_from", "opened_at").values_list("pk", flat=True))
    settled = 0
    for pk in found:
        try:
            settled += _settle(pk)
        except Exception:  # the others' numbers do not wait for this one
            log.exception("The check %s was not settled", pk)
    return settled


def _settle(check_id: UUID) -> bool:
    with rls.acting(grants.worker()) as worker:
        unsettled = IdentifierCheck.objects.select_for_update().filter(state__in=OPEN)
        check = unsettled.filter(pk=check_id).first()
        if check is None:
            return False
        learner_id, holder_id = _kept_by(check.learner_id)
        if holder_id is None:
            check.state = State.GONE
        else:
            with rls.in_place_of(worker, grants.worker(holder_id)) as by:
                learner = Learner.objects.get(pk=learner_id)
                if learner.closed_because:
                    return False
                _decide(by, check, learner)
        if check.state in OPEN:
            check.show_from = calendar.next_working_day(clock.today())
        check.settled_at = clock.now()
        check.save(update_fields=["state", "settled_at", "show_from"])
        return True


def _kept_by(learner_id: UUID) -> tuple[UUID, UUID | None]:
    """The learner whose record goes on, if it was joined since; and who keeps them now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT learner_id, holder_id FROM imports_kept_by(%s)", [learner_id])
        learner_id, holder_id = cursor.fetchone()
    return learner_id, holder_id


def _decide(by: Actor, check: IdentifierCheck, learner: Learner) -> None:
    """Whose the numbers are; `by` works for whoever keeps the learner."""
    joined, again = learner.id != check.learner_id, check.state != State.WAITING
    others = [
        owner
        for number in (check.upn, *check.former_upns)
        if number
        for owner in _owners(number)
        if owner[0] != learner.id
    ]
    if others:
        same = [owner for owner in others if owner[1] == learner.date_of_birth]
        check.state = State.MOVE_PROPOSED if same else State.WITH_AREA
        if all(born for _, born, _ in others):
            _tell(by, check, {theirs: holder for theirs, _, holder in same if holder})
    else:
        check.state = State.CLEAR
        if not joined:
            _take(by, learner, {"identifier_being_checked": False})
        _keep_upns(by, check, learner, beside=joined or again)
    for name, number in check.other_numbers.items():
        if not (again or (joined and getattr(learner, name))):
            _take(by, learner, {name: number})


def _keep_upns(by: Actor, check: IdentifierCheck, learner: Learner, beside: bool) -> None:
    """The learner has the UPN now; `beside` one that they have had since, as in any join."""
    upn, own, former = check.upn, learner.upn, [*check.former_upns]
    if upn and beside and own and not gives_way(own, upn):
        former.append(upn)
    elif upn:
        _take(by, learner, {"upn": upn})
    note_former_upns(by=by, learner=learner, upns=[n for n in former if n != learner.upn])


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


def _tell(by: Actor, check: IdentifierCheck, holders: dict[UUID, UUID]) -> None:
    """Whoever holds a learner who seems to have joined another setting is told; else the area.

    The holder reads their own learner's name, and leads from there to planning the move.
    """
    setting = check.setting
    for theirs, holder_id in holders.items():
        with rls.in_place_of(by, grants.worker(holder_id)):
            name = Learner.objects.get(pk=theirs)
        tell(
            recipients=[holder_id],
            learner_id=theirs,
            kind="move proposed",
            text=f"{setting} tells us that {name} has joined them. If it is a move, plan it.",
            link=f"/learners/{theirs}/move/",
            key=f"upn-move:{check.id}",
        )
    if holders:
        return
    tell(
        recipients=[setting.local_area_id],
        learner_id=None,
        kind="number in question",
        text=f"{setting} brought a UPN that belongs to a learner with another birth date.",
        link="/area/",
        key=f"upn-area:{check.id}",
    )
