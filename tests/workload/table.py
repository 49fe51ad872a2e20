"""What the journeys came to, printed as a table; and the school in which they are walked."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import transaction

from apps.reviews.models import Review
from tests import factories as make
from tests.support import records
from tests.workload.person import Person

MINUTE, HOUR = 60.0, 3600.0
FIGURES: dict[str, tuple[float, float, Person | None]] = {}


def note(journey: str, took: float, bar: float, person: Person | None = None) -> None:
    FIGURES[journey] = (took, bar, person)
    assert took <= bar, f"{journey}: {took:.0f} s, and the bar is {bar:.0f} s"


@pytest.fixture(scope="module", autouse=True)
def table() -> Iterator[None]:
    """Printed last, whatever happened."""
    yield
    head = f"\n{'journey':58} {'takes':>9} {'bar':>9} met  loads clicks keys words machine"
    lines = [head]
    for journey, (took, bar, p) in FIGURES.items():
        counted = f"{p.loads:5} {p.clicks:6} {p.keys:4} {p.words:5} {p.machine:6.1f}s" if p else ""
        met = "yes" if took <= bar else "NO"
        lines.append(f"{journey:58} {_clock(took):>9} {_clock(bar):>9} {met:4} {counted}")
    print("\n".join(lines))


def _clock(seconds: float) -> str:
    if seconds >= HOUR:
        return f"{seconds / HOUR:.1f} h"
    return f"{int(seconds // 60)}:{seconds % 60:04.1f}"


class School:
    """A school with one whole record signed off last term and its review open now."""

    def __init__(self) -> None:
        with transaction.atomic():
            self.area = make.local_area()
            self.school = make.setting(self.area, low_age=5, high_age=11)
            self.senco = make.staff("senco", self.school)
            self.robin = make.learner(
                self.school, known_given="Robin", legal_given="Robin", year_group=6
            )
            records.signed(self.senco, self.robin, self.school)

    def next_term(self) -> Review:
        with transaction.atomic():
            records.days_pass(130)
            return records.open_one(self.senco, self.robin, self.school)
