"""What the matrices stand on."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.world import build


@pytest.fixture
def world() -> dict[str, Any]:
    """A learner and everyone around them."""
    return build()
