"""The terms in which a record was looked at: pure functions over its reviews."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from apps.common.terms import Term
from apps.reviews.models import Review


@dataclass(frozen=True)
class TermEnd:
    """The last review that was signed off in a term."""

    year: int
    term: str
    number: int

    @property
    def name(self) -> str:
        """As pages write it: Autumn 2026."""
        return f"{self.term.capitalize()} {self.year + (self.term != Term.AUTUMN)}"

    @property
    def said(self) -> str:
        """In the middle of a sentence: the autumn term 2026."""
        term, year = self.name.lower().split()
        return f"the {term} term {year}"

    @property
    def position(self) -> int:
        """Its place among all terms, so that the next one is one more."""
        return self.year * len(Term) + list(Term).index(Term(self.term))


def term_ends(reviews: Iterable[Review]) -> list[TermEnd]:
    """The last signed review of each term, oldest first."""
    last: dict[tuple[int, str], TermEnd] = {}
    for review in sorted((r for r in reviews if r.number), key=lambda r: r.number or 0):
        key = (review.year, review.term)
        last.pop(key, None)
        last[key] = TermEnd(*key, review.number or 0)
    return list(last.values())


def before_this_term(reviews: Iterable[Review]) -> int:
    """The review with which the term before the latest one ended; the latest where it is alone."""
    ends = term_ends(reviews)
    return ends[-2:][0].number if ends else 0
