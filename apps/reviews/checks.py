"""Reading support checks: "is it happening?", for the family, whoever gives it, and the SENCO."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.access import selectors as access
from apps.access.grants import Actor
from apps.common import clock
from apps.learners.models import RecordHolder, TeachingGroupMember
from apps.learners.policy import seen_by, worked_with_by
from apps.learners.selectors import Sight
from apps.register.models import RegisterEntry
from apps.reviews import policy
from apps.reviews.models import Kind, Review, Statement, SupportCheck
from apps.reviews.registers import current_entries
from apps.reviews.selectors import taught_by
from apps.settings import calendar
from apps.settings.models import Setting

# So many who teach a whole setting give its supports between them; of more, groups say who does.
FEW = 3
# A support has to have been given for a while before anybody is asked whether it happens.
FIRST_ASKED = timedelta(days=14)


def given_since(today: date) -> date:
    """Since when a support has to have been given to be asked about this week, all week long."""
    return today - timedelta(days=today.weekday()) - FIRST_ASKED


def _new() -> Exists:
    """The condition that a statement came with a review that was signed too short a while ago."""
    came_with = Review.objects.filter(
        record=OuterRef("record"),
        number=OuterRef("introduced_no"),
        signed_off_at__date__gt=given_since(clock.today()),
    )
    return Exists(came_with)


def checks_for(actor: Actor, seen: Sight) -> dict[UUID, SupportCheck]:
    """The last check of each support in force, as this actor may read it: statement → check."""
    rows = policy.checks_visible(actor, family=seen.family).filter(
        learner_id=seen.learner.id, statement__withdrawn_no=None
    )
    return {check.statement_id: check for check in _last(rows)}


def _last(rows: QuerySet[SupportCheck]) -> QuerySet[SupportCheck]:
    return rows.order_by("statement_id", "-said_at").distinct("statement_id")


def not_happening(actor: Actor, setting: Setting) -> list[SupportCheck]:
    """Supports in force that do not happen as planned this half term, of who is on the register.

    Those that do not happen at all come first; each check with its statement and learner.
    """
    half = calendar.half_term_on(clock.today(), setting)
    rows = policy.checks_visible(actor, family=False).filter(
        learner_id__in=current_entries(actor, setting.id)
        .filter(also_here=False)
        .values("learner_id"),
        statement__withdrawn_no=None,
        **half.key,
    )
    rows = rows.exclude(answer=SupportCheck.Answer.AS_PLANNED)
    return list(
        rows.select_related("statement", "learner").order_by("answer", "learner__name_key", "id")
    )


@dataclass(frozen=True)
class Given:
    """A learner whom somebody teaches or supports, with each support and its last check."""

    entry: RegisterEntry
    supports: list[tuple[Statement, SupportCheck | None]]
    to_check: int


def given_by(actor: Actor) -> list[Given]:
    """The supports in force of the learners whom the actor teaches or supports, by learner.

    Whoever has a support that nobody checked this half term comes first.
    """
    entries = taught_by(actor)
    learners = [e.learner_id for e in entries]
    rows = list(
        _supports(actor, learners).annotate(waits=_unsaid(learners)).order_by("order", "id")
    )
    last = _last(policy.checks_visible(actor, family=False).filter(statement__in=rows))
    checks = {check.statement_id: check for check in last}
    given: dict[UUID, list[tuple[Statement, SupportCheck | None]]] = defaultdict(list)
    for row in rows:
        given[row.learner_id].append((row, checks.get(row.id)))
    waiting = Counter(row.learner_id for row in rows if row.waits)
    found = [
        Given(e, given[e.learner_id], waiting[e.learner_id])
        for e in entries
        if e.learner_id in given
    ]
    return sorted(found, key=lambda given: given.to_check == 0)


def half_terms(learner_ids: Iterable[UUID]) -> dict[UUID, calendar.HalfTerm]:
    """The half term of today of each learner, where their record is kept.

    A check belongs to it, whichever of the learner's settings says so: a query, and one for each
    setting that keeps any of these records.
    """
    keepers: dict[UUID, Setting | None] = dict.fromkeys(learner_ids)
    holders = RecordHolder.objects.filter(learner_id__in=keepers, ends_on=None)
    keepers |= {h.learner_id: h.setting for h in holders.select_related("setting")}
    at = {s: calendar.half_term_on(clock.today(), s) for s in set(keepers.values())}
    return {learner_id: at[s] for learner_id, s in keepers.items()}


def _unsaid(learner_ids: Iterable[UUID]) -> Q:
    """The condition on supports of these learners that nobody checked them this half term.

    They were given for a while: what was signed the other day waits.
    """
    unsaid = Q(pk__in=[])
    halves = half_terms(learner_ids)
    for half in set(halves.values()):
        said = SupportCheck.objects.filter(statement=OuterRef("pk"), **half.key)
        of = [learner_id for learner_id, theirs in halves.items() if theirs == half]
        unsaid |= Q(~Exists(said), learner_id__in=of)
    return unsaid & ~Q(_new())


def to_check(actor: Actor, entries: Iterable[RegisterEntry]) -> QuerySet[Statement]:
    """The supports in force of whom the actor works with that wait to be checked this half term."""
    learners = [e.learner_id for e in entries]
    return _supports(actor, learners).filter(_unsaid(learners))


def who_has_to_check(actor: Actor, setting: Setting) -> set[UUID]:
    """The people at a setting who give a support that nobody checked this half term.

    They teach or support a group of the learner's; where nobody does, they have the whole setting,
    and are few.
    """
    entries = current_entries(actor, setting.id)
    waiting = set(to_check(actor, entries).values_list("learner_id", flat=True))
    groups: dict[UUID, set[UUID]] = {learner_id: set() for learner_id in waiting}
    members = TeachingGroupMember.objects.filter(
        seen_by(actor, "learner_id"), learner_id__in=waiting, group__setting_id=setting.id
    )
    for learner_id, group_id in members.values_list("learner_id", "group_id"):
        groups[learner_id].add(group_id)
    staff = access.teaching_at(setting.id)
    whole = {m.user_id for m in staff if m.whole_setting}
    found: set[UUID] = set()
    for of in groups.values():
        of_groups = {m.user_id for m in staff if of & set(m.group_ids)}
        found |= of_groups or (whole if len(whole) <= FEW else set())
    return found


def _supports(actor: Actor, learner_ids: Iterable[UUID]) -> QuerySet[Statement]:
    return Statement.objects.filter(
        worked_with_by(actor, "learner_id"),
        learner_id__in=list(learner_ids),
        kind=Kind.SUPPORT,
        withdrawn_no=None,
    )
