"""What is unusual in who reads a setting's records: plain rules, for its lead to ask about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.utils import timezone

from apps.access import selectors as access
from apps.access.grants import Actor
from apps.access.permissions import Permission
from apps.access.roles import ROLES
from apps.audit.models import AccessEntry
from apps.common import clock
from apps.learners import policy
from apps.learners.models import Learner
from apps.learners.selectors import enrolled_at
from apps.notifications import actions as notifications

LOOK_BACK = timedelta(days=28)
MANY_AN_HOUR = 25
MANY_A_DAY = 10
DAY_BEGINS, DAY_ENDS = time(6), time(22)
# Families' reading is their own; a connected system reads whole registers, at any hour.
NOT_LOOKED_AT = ("Family", "Connected system")
# Whose work is at many settings: their right to a learner says why they read.
ANYWHERE = {role.name for role in ROLES.values() if role.held_at != "setting"}


@dataclass(frozen=True)
class Unusual:
    """Reading that a setting's lead should ask about: which rule, who, whom, when."""

    rule: str
    who: str
    reader_id: UUID | None
    at: datetime
    said: str
    learner: Learner | None

    @property
    def sentence(self) -> str:
        """The rule, as the page words it."""
        return RULES[self.rule]


RULES = {
    "many": f"One person opened {MANY_AN_HOUR} or more records within an hour.",
    "night": "A record was opened between ten at night and six in the morning.",
    "again": f"One person opened the same record {MANY_A_DAY} times or more in a day.",
    "name": "A record was opened by someone with the learner's own family name.",
    "elsewhere": "A record was opened from another setting.",
    "emergency": "An administrator opened a record in an emergency.",
}


def unusual(actor: Actor, setting_id: UUID) -> list[Unusual]:
    """What the rules find in the last four weeks among the setting's learners, newest first.

    A rule is a question, not an accusation: each has an innocent answer. Raises Refused to all but
    the head and the safeguarding lead.
    """
    policy.check_guards(actor, setting_id)
    learners = {e.learner_id: e.learner for e in enrolled_at(actor, setting_id)}
    rows = AccessEntry.objects.filter(
        kind=AccessEntry.Kind.OPENED,
        learner_id__in=list(learners),
        at__gt=clock.now() - LOOK_BACK,
    )
    entries = list(rows.exclude(role__in=NOT_LOOKED_AT).order_by("at"))
    found = [finding for rule in _RULES for finding in rule(entries, learners, setting_id)]
    return sorted(found, key=lambda finding: finding.at, reverse=True)


_Learners = dict[UUID, Learner]


def _found(rule: str, entry: AccessEntry, said: str, learner: Learner | None) -> Unusual:
    who = ", ".join(p for p in (entry.actor_name, entry.role, entry.organisation_name) if p)
    return Unusual(rule, who, entry.actor_id, entry.at, said, learner)


def _by_reader(entries: Iterable[AccessEntry]) -> dict[UUID | None, list[AccessEntry]]:
    grouped: dict[UUID | None, list[AccessEntry]] = defaultdict(list)
    for entry in entries:
        grouped[entry.actor_id].append(entry)
    return grouped


def tell_leads(*, by: Actor, setting_id: UUID) -> None:
    """Tell the setting's head and safeguarding lead of what was found, once for each day.

    What was read since the last look yesterday is told today. The message says which rule; whom and
    when, its page says to those who may see that.
    """
    yesterday = clock.today() - timedelta(days=1)
    found = [f for f in unusual(by, setting_id) if _day_of(f) >= yesterday]
    leads = access.who_may(Permission.GUARD_READINGS, setting_id) if found else []
    for finding in found:
        notifications.tell(
            recipients=leads,
            learner_id=None,
            kind="unusual reading",
            text=f"Unusual reading. {RULES[finding.rule]}",
            link="/readings/",
            key=f"unusual:{finding.rule}:{finding.reader_id}:{_day_of(finding)}:{setting_id}",
        )


def _day_of(finding: Unusual) -> date:
    return timezone.localtime(finding.at).date()


def _many(entries: list[AccessEntry], learners: _Learners, setting_id: UUID) -> Iterator[Unusual]:
    """Once for each run of reading: the most that fell within an hour."""
    for own in _by_reader(entries).values():
        first = 0
        told_until: datetime | None = None
        for last, entry in enumerate(own):
            while entry.at - own[first].at > timedelta(hours=1):
                first += 1
            count = len({e.learner_id for e in own[first : last + 1]})
            if count >= MANY_AN_HOUR and (told_until is None or own[first].at > told_until):
                told_until = entry.at
                yield _found("many", entry, f"{count} records within an hour", None)


def _night(entries: list[AccessEntry], learners: _Learners, setting_id: UUID) -> Iterator[Unusual]:
    for entry in entries:
        if not DAY_BEGINS <= timezone.localtime(entry.at).time() < DAY_ENDS:
            yield _found("night", entry, "", learners[_learner_of(entry)])


def _again(entries: list[AccessEntry], learners: _Learners, setting_id: UUID) -> Iterator[Unusual]:
    times: dict[tuple[UUID | None, UUID, date], int] = defaultdict(int)
    for entry in entries:
        key = (entry.actor_id, _learner_of(entry), timezone.localtime(entry.at).date())
        times[key] += 1
        if times[key] == MANY_A_DAY:
            yield _found("again", entry, "", learners[_learner_of(entry)])


def _name(entries: list[AccessEntry], learners: _Learners, setting_id: UUID) -> Iterator[Unusual]:
    """Once a day for each reader and learner."""
    told: set[tuple[UUID | None, UUID, date]] = set()
    for entry in entries:
        learner = learners[_learner_of(entry)]
        key = (entry.actor_id, learner.id, timezone.localtime(entry.at).date())
        family = {learner.known_family.casefold(), learner.legal_family.casefold()} - {""}
        if (
            key not in told
            and entry.actor_name.casefold().split()[-1:]
            and (entry.actor_name.casefold().split()[-1] in family)
        ):
            told.add(key)
            yield _found("name", entry, "", learner)


def _elsewhere(
    entries: list[AccessEntry], learners: _Learners, setting_id: UUID
) -> Iterator[Unusual]:
    """Once a day for each reader and learner; who works at many settings is not meant."""
    told: set[tuple[UUID | None, UUID, date]] = set()
    for entry in entries:
        key = (entry.actor_id, _learner_of(entry), timezone.localtime(entry.at).date())
        away = entry.organisation_id not in {setting_id, None} and entry.role not in ANYWHERE
        if away and key not in told:
            told.add(key)
            yield _found("elsewhere", entry, "", learners[_learner_of(entry)])


def _emergency(
    entries: list[AccessEntry], learners: _Learners, setting_id: UUID
) -> Iterator[Unusual]:
    for entry in entries:
        if entry.role == "Administrator":
            yield _found("emergency", entry, entry.purpose, learners[_learner_of(entry)])


_RULES: list[Callable[[list[AccessEntry], _Learners, UUID], Iterator[Unusual]]] = [
    _many,
    _night,
    _again,
    _name,
    _elsewhere,
    _emergency,
]


def _learner_of(entry: AccessEntry) -> UUID:
    """An opening always has its learner."""
    assert entry.learner_id is not None
    return entry.learner_id
