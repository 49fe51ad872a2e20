"""What a record said before: the needs of earlier terms, and what came and went since last term."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q

from apps.access.grants import Actor
from apps.learners.selectors import Sight
from apps.reviews import policy
from apps.reviews.changes import Change, paired
from apps.reviews.models import Kind, Statement
from apps.reviews.selectors import Record
from apps.reviews.term_ends import TermEnd, term_ends


@dataclass(frozen=True)
class Story:
    """A record in time; it needs no query of its own."""

    record: Record

    @cached_property
    def terms(self) -> list[TermEnd]:
        """The terms in which it was looked at, oldest first."""
        return term_ends(self.record.reviews)

    @property
    def last_term(self) -> TermEnd | None:
        """The term before the one of the latest review, if the record was looked at in one."""
        return self.terms[-2] if len(self.terms) > 1 else None

    @property
    def follows(self) -> bool:
        """Whether that is the term just before the latest one."""
        before, now = self.terms[-2:]
        return now.position == before.position + 1

    def before(self, need: Statement) -> tuple[Statement | None, str]:
        """What a need was in the last term before it was said as it is now, and when that was.

        Within one term, what it took the place of; none for a need described for the first time.
        """
        earlier = [term for term in self.terms if term.number < need.introduced_no]
        if earlier and need.area and (was := self.need_at(need.area.code, earlier[-1].number)):
            last = earlier[-1].position + 1 == self.terms[-1].position
            return was, "last term" if last else f"in {earlier[-1].said}"
        return need.replaces, "before"

    def stands_since(self, need: Statement) -> str:
        """The term in which a need was first said as it is now, where that is not the latest."""
        terms = [term for term in self.terms if term.number >= need.introduced_no]
        return terms[0].said if len(terms) > 1 else ""

    def changes(self) -> list[Change]:
        """What became of each statement since the last term; none where there was none."""
        if self.last_term is None:
            return []
        number = self.last_term.number
        everything = [*self.record.earlier, *self.record.statements]
        before = [s for s in everything if s.stood_at(number)]
        return paired(before, self.record.statements, self.record.earlier)

    def need_at(self, area: str, number: int) -> Statement | None:
        """The need of an area at a review."""
        for s in (*self.record.earlier, *self.record.statements):
            if s.kind == Kind.NEED and s.area and s.area.code == area and s.stood_at(number):
                return s
        return None


def between(actor: Actor, seen: Sight, first: int, second: int) -> list[Change]:
    """What became of each statement from one review to a later one: a single query."""
    rows = policy.statements_visible(actor, family=seen.family).filter(
        Q(withdrawn_no=None) | Q(withdrawn_no__gt=first),
        learner_id=seen.learner.id,
        introduced_no__lte=second,
    )
    found = list(rows.select_related("area", "level"))
    before = [s for s in found if s.stood_at(first)]
    return paired(before, [s for s in found if s.stood_at(second)], found)
