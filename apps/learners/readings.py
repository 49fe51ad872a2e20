"""Who has read a learner's record, and who of them the family is not told of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from apps.access.grants import Actor
from apps.audit import record
from apps.audit.models import AccessEntry
from apps.common import clock
from apps.common.exceptions import Invalid
from apps.learners import policy
from apps.learners.models import WithheldReader
from apps.learners.selectors import enrolled_at

SHOWN = 200
SHOWN_BY_DAY = 1000  # most of them a family's own, several of a day in one line
LONGEST_WITHHELD = timedelta(days=366)


@dataclass(frozen=True)
class Reading:
    """A record opened, or a list with the learner in it: the latter once a person and day."""

    at: datetime
    reader_id: UUID | None
    name: str
    role: str
    organisation: str
    kind: str
    what: str
    purpose: str
    withheld: bool

    @property
    def listed(self) -> bool:
        """Whether the learner was only one of a list."""
        return self.kind == AccessEntry.Kind.LISTED

    @property
    def who(self) -> str:
        """Name, role and organisation."""
        return ", ".join(part for part in (self.name, self.role, self.organisation) if part)


def of_learner(actor: Actor, learner_id: UUID, most: int = SHOWN) -> list[Reading]:
    """The newest readings; to a family the database gives only what a family may know."""
    policy.check_can_read(actor, learner_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM learners_readings(%s, %s)", [learner_id, most])
        return [Reading(*row) for row in cursor.fetchall()]


@dataclass(frozen=True)
class Visits:
    """Readings of one day that a family is told of in the same words, next to each other."""

    last: Reading
    times: int


def by_day(readings: Iterable[Reading]) -> list[Visits]:
    """Readings with those of a day that read the same as one, in their order."""
    found = []
    for _, group in groupby(readings, key=_as_told):
        rows = list(group)
        found.append(Visits(rows[0], len(rows)))
    return found


def _as_told(r: Reading) -> tuple[date, str, str, bool, str]:
    return (timezone.localdate(r.at), r.role, r.organisation, r.listed, r.purpose)


def withheld_from(actor: Actor, learner_id: UUID) -> list[WithheldReader]:
    """Whose reading the family is not told of now, the next to look at again first."""
    policy.check_can_guard(actor, learner_id)
    rows = WithheldReader.objects.filter(learner_id=learner_id, ended_at=None)
    return list(rows.order_by("review_on"))


def withheld_at(actor: Actor, setting_id: UUID) -> list[WithheldReader]:
    """The same for every learner of a setting."""
    policy.check_guards(actor, setting_id)
    rows = WithheldReader.objects.filter(
        ended_at=None, learner__in=enrolled_at(actor, setting_id).values("learner_id")
    ).select_related("learner")
    return list(rows.order_by("review_on"))


@transaction.atomic
def withhold(
    *, by: Actor, learner_id: UUID, reader_id: UUID, reason: str, review_on: date
) -> WithheldReader:
    """Show the family nothing of what this person has read and reads, until someone ends it.

    Raises Invalid without a reason or with a date that is past or more than a year off, and when
    the person has read nothing of this learner or is withheld already; Refused to all but the
    safeguarding lead and the head.
    """
    policy.check_can_guard(by, learner_id)
    wrong: dict[str, str] = {}
    if not reason.strip():
        wrong["reason"] = "Say why the family is not to be told"
    if not clock.today() < review_on <= clock.today() + LONGEST_WITHHELD:
        wrong["review_on"] = "The date to look again must be after today and within a year"
    if wrong:
        raise Invalid("Nothing is withheld yet.", wrong)
    if reader_id == by.key:
        raise Invalid("Nobody withholds their own reading: somebody else has to.")
    read = next((r for r in of_learner(by, learner_id) if r.reader_id == reader_id), None)
    if read is None or read.role == "Family":
        raise Invalid("This person has not read the record for an organisation.")
    if read.withheld:
        raise Invalid("This person's reading is withheld already.")
    row = WithheldReader(
        learner_id=learner_id,
        reader_id=reader_id,
        reader=read.who,
        reason=reason.strip(),
        review_on=review_on,
        withheld_by_id=by.key,
        withheld_at=clock.now(),
    )
    row.save(force_insert=True)
    _note(by, "withheld a reader from the family", row)
    return row


@transaction.atomic
def show_again(*, by: Actor, learner_id: UUID, reader_id: UUID) -> None:
    """Show the family all that this person has read. Raises Invalid when it is not withheld."""
    policy.check_can_guard(by, learner_id)
    rows = WithheldReader.objects.select_for_update().filter(
        learner_id=learner_id, reader_id=reader_id, ended_at=None
    )
    row = rows.first()
    if row is None:
        raise Invalid("The family is told of this person's reading already.")
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    _note(by, "showed a reader to the family", row)


def _note(by: Actor, action: str, row: WithheldReader) -> None:
    record.event(
        by=by,
        action=action,
        subject_kind="withheld reader",
        subject_id=row.id,
        learner_id=row.learner_id,
        detail={"reader_id": row.reader_id, "review_on": row.review_on},
    )
