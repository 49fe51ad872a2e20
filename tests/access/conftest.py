"""What the matrices stand on."""

from __future__ import annotations

from typing import Any

import pytest

from apps.accounts.models import User
from apps.learners.models import Learner
from tests import factories as make
from tests.support.world import build


@pytest.fixture
def world() -> dict[str, Any]:
    """A learner and everyone around them."""
    return build()


@pytest.fixture
def robin(world: dict[str, Any]) -> Learner:
    return Learner.objects.get(pk=world["kwargs"]["learner_id"])


@pytest.fixture
def other(robin: Learner) -> User:
    """The parent who may not know."""
    return make.parent(robin)
