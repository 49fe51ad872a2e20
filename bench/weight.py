"""What a register page weighs on the wire, as a browser counts it: first visit, again (P17)."""

from __future__ import annotations

import shutil
from typing import Any

from playwright.sync_api import Page, sync_playwright

GOALS = {"first visit": 120, "repeat visit": 20}  # kB


def of_page(address: str, cookie: str) -> dict[str, float]:
    """Kilobytes (1,000 bytes) received for a page and all it brings, on each visit."""
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        context = opened.new_context()
        name, value = cookie.split("=", 1)
        context.add_cookies([{"name": name, "value": value, "url": address}])
        page = context.new_page()
        weights = {visit: _visit(page, address) for visit in GOALS}
        opened.close()
    return weights


def _visit(page: Page, address: str) -> float:
    received: list[float] = []
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")

    def count(event: dict[str, Any]) -> None:
        received.append(event["encodedDataLength"])

    session.on("Network.loadingFinished", count)
    answer = page.goto(address, wait_until="networkidle")
    assert answer and answer.status == 200 and page.url == address, page.url
    session.detach()
    return sum(received) / 1000


def lines(weights: dict[str, float]) -> list[str]:
    """The table's lines."""
    return [
        f"P17 register page, {visit}, kB{'':<14}{weights[visit]:>10.1f}  <= {goal:<5}"
        f"{'yes' if weights[visit] <= goal else 'NO'}"
        for visit, goal in GOALS.items()
    ]
