"""A passkey in a real browser: the computer's own lock, where phones are not allowed."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests import factories as make
from tests.browser.hands import Mouse

LOCK = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_senco_adds_a_passkey_and_signs_in_with_nothing_else(
    sign_in: Callable[..., Page],
) -> None:
    senco = make.staff("senco", make.setting(), name="Pat Rowan")
    page = sign_in(senco)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": LOCK})
    page.goto("/second-step/")
    page.get_by_role("button", name="Add a passkey or security key").click()
    page.get_by_label("Password", exact=True).fill(make.PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Add it").click()
    page.wait_for_url("**/second-step/recovery-codes/")
    assert page.locator("code").count() == 10
    Mouse().click(page.get_by_role("button", name="Sign out"))
    page.goto("/sign-in/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/home/")
    assert "Pat Rowan" in page.locator("header").inner_text()
