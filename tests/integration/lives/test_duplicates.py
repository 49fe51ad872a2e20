"""Which two records may be one child's: a machine proposes, and never twins."""

from __future__ import annotations

from datetime import date

import pytest

from apps.learners.models import (
    Learner,
)
from apps.lives import duplicates, selectors
from tests import factories as make
from tests.support.lives import (
    listed,
)

pytestmark = pytest.mark.django_db


def child(given: str, family: str, born: date = date(2018, 3, 14), **more: str) -> Learner:
    names = {"legal_given": given, "legal_family": family, "known_given": given}
    made = Learner(**{**names, "known_family": family, "date_of_birth": born, **more})
    made.name_key = f"{made.known_family} {made.known_given}".lower()
    return made


class TestWhatAMachineProposes:
    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (child("Robin", "Aske"), child("Robin", "Aske")),
            (child("Robin", "Askew"), child("Robin", "Aske")),
            (child("Robin", "Aske"), child("Aske", "Robin")),
            (child("Kit", "Aske", legal_given="Christopher"), child("Christopher", "Aske")),
        ],
    )
    def test_the_same_day_and_a_name_that_is_the_same_or_nearly(self, first, second):
        found = duplicates.compare(first, second)
        assert found and not found.twins

    @pytest.mark.parametrize("given", ["Ama", "Adam", "Eve", "Adaline"])
    def test_twins_are_never_proposed_as_one(self, given):
        found = duplicates.compare(child("Ada", "Okonjo"), child(given, "Okonjo"))
        assert found and found.twins

    def test_another_day_or_another_name_is_another_child(self):
        assert not duplicates.compare(
            child("Robin", "Aske"), child("Robin", "Aske", date(2018, 3, 15))
        )
        assert not duplicates.compare(child("Robin", "Aske"), child("Robin", "Moor"))

    def test_the_senco_sees_pairs_of_their_setting_and_the_officer_those_across_settings(
        self, school, other, senco, apart
    ):
        listed(school, senco)
        mine = selectors.duplicates_at(make.acting_as(senco), school.id)
        assert len(mine) == 1
        officer = make.acting_as(make.staff("officer", school.local_area))
        across = selectors.duplicates_in_area(officer)
        assert len(across) == 2
        elsewhere = make.acting_as(make.staff("officer", make.local_area()))
        assert selectors.duplicates_in_area(elsewhere) == []
