"""A made-up country, for measuring: written by SQL, so it is run against every schema."""

from __future__ import annotations

import hashlib
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count

from apps.register.models import RegisterEntry
from apps.reviews.models import Kind, Review, Statement, SupportCheck
from tests.support.database import as_owner

LEARNERS = 60


def test_it_is_as_many_learners_as_asked_for_with_four_years_behind_each(
    fresh_database: str,
) -> None:
    call_command("load_framework", stdout=StringIO())
    call_command("seed_england", "--learners", str(LEARNERS), stdout=StringIO())
    with as_owner():
        assert RegisterEntry.objects.filter(ends_on=None).count() == LEARNERS
        assert Review.objects.filter(state="open").exists()
        signed = Review.objects.filter(state="signed off")
        of_each = signed.values("learner_id").annotate(n=Count("pk")).values_list("n", flat=True)
        assert set(of_each) == {12} and len(of_each) == LEARNERS
        for review in signed[:24]:
            assert hashlib.sha256(review.canonical.encode()).hexdigest() == review.sha256
        in_force = Statement.objects.filter(withdrawn_no=None)
        assert in_force.filter(kind=Kind.NEED).count() == 4 * LEARNERS
        assert in_force.filter(kind=Kind.SUPPORT).count() == 3 * LEARNERS
        assert SupportCheck.objects.count() == 12 * 2 * 3 * LEARNERS
    with pytest.raises(CommandError):
        call_command("seed_england", "--learners", "60", stdout=StringIO())
