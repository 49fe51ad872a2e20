"""The clock that the demo and the tests may shift."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone

from apps.common import clock


def test_a_shift_late_in_a_winter_evening_ends_on_its_day_in_summer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = datetime(2027, 1, 10, 23, 30, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: late)
    with clock.shifted(180):
        assert clock.today() == date(2027, 1, 10) + timedelta(days=180)
        assert clock.now() == late + timedelta(days=180, hours=-1)
