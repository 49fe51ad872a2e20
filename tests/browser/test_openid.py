"""An account elsewhere in a real browser: joined with, then signed in with, past our own policy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser

from apps.access import actions
from tests import factories as make
from tests.browser.conftest import axe
from tests.browser.hands import Mouse
from tests.support import openid
from tests.support.openid import OpenIDProvider


@pytest.fixture
def provider(settings: Any) -> Iterator[OpenIDProvider]:
    with openid.running() as running:
        settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [running.app()]}}
        yield running


def test_a_teacher_joins_with_the_schools_account_and_signs_in_with_it(
    provider: OpenIDProvider, browser: Browser, live: str
) -> None:
    school = make.setting()
    senco = make.staff("senco", school)
    with transaction.atomic():
        _, code = actions.invite_staff(
            by=make.acting_as(senco),
            email="nia@school.test",
            name="Nia New",
            role="teacher",
            setting=school,
        )
    context = browser.new_context(base_url=live, viewport={"width": 360, "height": 740})
    context.set_default_timeout(8000)
    page = context.new_page()
    page.goto("/join/")
    page.get_by_label("Your code").fill(code)
    page.get_by_label("Your e-mail address").fill("nia@school.test")
    page.get_by_role("button", name="Join with School account").click()
    page.get_by_label("Who are you?").fill("nia")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{live}/classes/")
    Mouse().click(page.get_by_role("button", name="Sign out"))
    page.goto("/sign-in/")
    assert axe(page) == []
    page.get_by_role("button", name="Sign in with School account").click()
    page.wait_for_url(f"{live}/classes/")
    context.close()
