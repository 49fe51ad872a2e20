"""The provider, and a SENCO who is connected there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount

from apps.accounts.models import User
from tests import factories as make
from tests.support import openid
from tests.support.openid import OpenIDProvider, configure


@pytest.fixture(scope="session")
def process() -> Iterator[OpenIDProvider]:
    with openid.running() as running:
        yield running


@pytest.fixture
def provider(process: OpenIDProvider, settings: Any) -> OpenIDProvider:
    process.spoil("")
    configure(settings, process.app())
    return process


@pytest.fixture(autouse=True)
def as_in_production(settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def senco() -> User:
    return make.staff("senco", make.setting(), name="Pat Rowan")


@pytest.fixture
def connected(provider: OpenIDProvider, senco: User) -> User:
    """A SENCO whose account at the provider, `pat`, is connected."""
    SocialAccount.objects.create(user=senco, provider="school", uid=f"{provider.issuer} pat")
    return senco
