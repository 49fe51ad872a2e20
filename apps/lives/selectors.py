"""Reading closed records."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.common import clock
from apps.learners.models import Enrolment, Learner
from apps.learners.policy import check_can_read, seen_by
from apps.learners.selectors import enrolled_at, holder_name, main_place
from apps.lives.duplicates import Pair, pairs
from apps.lives.models import Closure
from apps.register.models import RegisterEntry
from apps.settings.models import Setting
from apps.transitions.models import Transition
from apps.transitions.states import ENDED


def closed_records(actor: Actor) -> QuerySet[Closure]:
    """Records of children who have died, of those whom the actor may read, the latest first."""
    return (
        Closure.objects.filter(
            seen_by(actor, "learner_id"), because=Learner.Closed.DIED, undone_at=None
        )
        .select_related("learner")
        .order_by("-closed_at")
    )


def involved(actor: Actor, learner_id: UUID) -> list[str]:
    """Settings that expect the child or have them too: a person tells them, and no message."""
    check_can_read(actor, learner_id)
    now_on = Q(ends_on=None) | Q(ends_on__gt=clock.today())
    places = Enrolment.objects.filter(now_on, learner_id=learner_id).exclude(kind="main")
    moves = Transition.objects.filter(learner_id=learner_id, to_setting__isnull=False)
    settings = Setting.objects.filter(
        Q(pk__in=places.values("setting_id"))
        | Q(pk__in=moves.exclude(state__in=ENDED).values("to_setting_id"))
    )
    return [str(setting) for setting in settings.order_by("name")]


def duplicates_at(actor: Actor, setting_id: UUID) -> list[Pair]:
    """Pairs of a setting's learners who may be one child, and those who are perhaps twins."""
    return pairs([row.learner for row in enrolled_at(actor, setting_id)])


def duplicates_in_area(actor: Actor) -> list[Pair]:
    """Pairs of learners on the area's registers whom no one setting can join.

    Only exactly the same family name and day of birth: nearly the same is a setting's to find. In
    two settings a different first name is another child: twins are mostly in one.
    """
    areas = actor.organisations(Permission.OVERSEE_AREA)
    entries = RegisterEntry.objects.filter(
        Q(setting__local_area_id__in=areas) | Q(local_area_id__in=areas),
        seen_by(actor, "learner_id"),
        ends_on=None,
        also_here=False,
    )
    same = ("learner__date_of_birth", "learner__known_family")
    often = entries.values(*same).annotate(n=Count("learner_id", distinct=True)).filter(n__gt=1)
    days = {row["learner__date_of_birth"] for row in often}
    rows = entries.filter(learner__date_of_birth__in=days).select_related("learner")
    place = {row.learner_id: row.setting_id for row in rows}
    return [
        pair
        for pair in pairs([row.learner for row in rows])
        if not pair.twins
        and (place[pair.first.id] is None or place[pair.first.id] != place[pair.second.id])
    ]


@dataclass(frozen=True)
class Earlier:
    """A review of a record that was joined into another, as it was signed off."""

    closure_id: UUID
    known_as: str
    joined_at: datetime
    number: int | None
    kind: str
    signed_off_at: datetime | None
    signed_off_name: str
    canonical: str
    sha256: str

    @cached_property
    def statements(self) -> list[dict[str, Any]]:
        """What it said."""
        found: list[dict[str, Any]] = json.loads(self.canonical)["statements"]
        return found


def earlier(actor: Actor, learner_id: UUID) -> list[Earlier]:
    """The records joined into a learner's, review by review; without reviews, one line each."""
    check_can_read(actor, learner_id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM lives_earlier(%s)", [learner_id])
        return [Earlier(*row) for row in cursor.fetchall()]


def has_earlier() -> Exists:
    """Whether another record was joined into this one, for `learners.sight`."""
    return Exists(Closure.objects.filter(into=OuterRef("learner_id"), undone_at=None))


def joined_into(learner_id: UUID) -> UUID | None:
    """The learner whose record goes on, to whoever may read that; the database asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT lives_joined_into(%s)", [learner_id])
        found: UUID | None = cursor.fetchone()[0]
    return found


def joined_names(learner_ids: list[UUID]) -> list[tuple[UUID, str, date]]:
    """Names and days of birth under which joined records ran: learner that goes on, key, day."""
    rows = Closure.objects.filter(into__in=learner_ids, undone_at=None)
    return list(rows.values_list("into_id", "name_key", "born"))


@dataclass(frozen=True)
class Line:
    """A learner in a comparison: what tells one child from another."""

    learner: Learner
    place: str
    since: date | None
    family: list[str]
    reviews: int


def line(actor: Actor, learner_id: UUID) -> Line:
    """The facts that a person compares; raises NotVisible."""
    check_can_read(actor, learner_id)
    learner = Learner.objects.select_related("home_area").get(pk=learner_id)
    main = main_place(actor, learner_id)
    record = getattr(learner, "record", None)
    return Line(
        learner=learner,
        place=holder_name(actor, learner_id) or (str(main.setting) if main else ""),
        since=main.starts_on if main else None,
        family=list(learner.family.order_by("name").values_list("name", flat=True)),
        reviews=record.last_number if record else 0,
    )
