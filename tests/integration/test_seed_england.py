"""A made-up country, for measuring: written by SQL, so it is run against every schema."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.register.models import RegisterEntry
from apps.reviews.models import Review
from tests.support.database import as_owner


def test_it_is_as_many_learners_as_asked_for_with_records_and_open_reviews(
    fresh_database: str,
) -> None:
    call_command("load_framework", stdout=StringIO())
    call_command("seed_england", "--learners", "60", stdout=StringIO())
    with as_owner():
        assert RegisterEntry.objects.filter(ends_on=None).count() == 60
        assert Review.objects.filter(state="open").exists()
    with pytest.raises(CommandError):
        call_command("seed_england", "--learners", "60", stdout=StringIO())
