"""Breaking the glass: an administrator, who reads no record, reads one for a day and says why.

The setting's lead and whoever holds the record are told at once, and the family sees it among those
who have looked.
"""

from __future__ import annotations

from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q
from django.utils.text import Truncator

from apps.access import policy as access
from apps.access import selectors as people
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.audit import record
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.common.identifiers import parse_upn
from apps.common.models import new_id
from apps.learners.models import Enrolment, RecordHolder
from apps.notifications import actions as notifications

SHORTEST_REASON = 20
LONGEST_MESSAGE = 300


def open_in_emergency(*, by: Actor, upn: str, reason: str) -> UUID:
    """Let an administrator read the record of the learner with this UPN until the day ends.

    Gives the learner's key. Raises NotVisible to anyone else; Invalid for a UPN that is none or is
    nobody's, and for a reason too short to be one.
    """
    access.check_is_administrator(by)
    reason = reason.strip()
    wrong: dict[str, str] = {}
    try:
        upn = parse_upn(upn)
    except ValueError as error:
        wrong["upn"] = str(error)
    if len(reason) < SHORTEST_REASON:
        wrong["reason"] = "Say what the emergency is and what you need to know"
    if wrong:
        raise Invalid("The record is not open yet.", wrong)
    with transaction.atomic():
        learner_id = _open(by, upn, reason)
    if learner_id is None:
        # Kept, so that trying numbers shows: outside what a refusal takes back.
        record.event(
            by=by,
            action="tried to open in an emergency",
            subject_kind="learner access",
            subject_id=None,
            detail={"upn": upn, "reason": reason},
        )
        raise Invalid("The record is not open yet.", {"upn": "No learner here has this UPN"})
    return learner_id


def _open(by: Actor, upn: str, reason: str) -> UUID | None:
    access_id = new_id()
    with connection.cursor() as cursor:
        cursor.execute("SELECT learners_open_in_emergency(%s, %s)", [upn, access_id])
        learner_id: UUID | None = cursor.fetchone()[0]
    if learner_id is None:
        return None
    record.event(
        by=by,
        action="opened in an emergency",
        subject_kind="learner access",
        subject_id=access_id,
        learner_id=learner_id,
        detail={"reason": reason},
    )
    notifications.tell(
        recipients=_to_be_told(learner_id),
        learner_id=learner_id,
        kind="emergency",
        text=Truncator(
            f"{by.name}, an administrator, opened a record in an emergency: {reason}"
        ).chars(LONGEST_MESSAGE),
        link=f"/learners/{learner_id}/looked/",
        key=f"emergency:{access_id}",
    )
    return learner_id


def _to_be_told(learner_id: UUID) -> list[UUID]:
    """Who holds the record, and the leads of every setting where the learner is."""
    today = clock.today()
    current = Q(ends_on=None) | Q(ends_on__gt=today)
    current &= Q(learner_id=learner_id, starts_on__lte=today)
    holder = RecordHolder.objects.filter(current).first()
    enrolled = Enrolment.objects.filter(current)
    settings = set(enrolled.values_list("setting_id", flat=True))
    holding = (holder.setting_id or holder.local_area_id) if holder else None
    leads = [lead for s in settings for lead in people.who_may(Permission.GUARD_READINGS, s)]
    return [*([holding] if holding else []), *leads]
