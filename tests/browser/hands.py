"""A person's hands in a browser: with a mouse, or with the keyboard alone."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import axe


class Mouse:
    """Clicks and types."""

    def click(self, what: Locator) -> None:
        """Click what leads to another page, and be there: a check reads that page, not this."""
        with what.page.expect_navigation():
            what.click()

    def press(self, what: Locator) -> None:
        """Click where the answer comes in its place and the page stays."""
        what.click()

    def check(self, what: Locator) -> None:
        what.check()

    def fill(self, what: Locator, text: str) -> None:
        what.fill(text)


class Keyboard:
    """Tab, arrows, space, enter and letters: never a pointer."""

    MOST_TABS = 250

    def _reach(self, what: Locator, there: str = "e === document.activeElement") -> None:
        expect(what).to_be_attached()
        for _ in range(self.MOST_TABS):
            if what.evaluate(f"e => {there}"):
                return
            what.page.keyboard.press("Tab")
        raise AssertionError(f"The keyboard does not reach {what}")

    def click(self, what: Locator) -> None:
        self._reach(what)
        with what.page.expect_navigation():
            what.page.keyboard.press("Enter")

    def press(self, what: Locator) -> None:
        self._reach(what)
        what.page.keyboard.press("Enter")

    def check(self, what: Locator) -> None:
        """Reach the group, then go along it until this one is chosen."""
        self._reach(what, "document.activeElement.name === e.name")
        what.page.keyboard.press("Space")
        for _ in range(self.MOST_TABS):
            if what.is_checked():
                return
            what.page.keyboard.press("ArrowDown")
        raise AssertionError(f"The arrows do not reach {what}")

    def fill(self, what: Locator, text: str) -> None:
        self._reach(what)
        what.page.keyboard.press("Control+a")
        what.page.keyboard.type(text)

    def tick(self, what: Locator) -> None:
        """Tick a box of its own."""
        self._reach(what)
        what.page.keyboard.press("Space")
        expect(what).to_be_checked()

    def chooses(self, what: Locator, label: str) -> None:
        """Choose in a list by its first letters."""
        self._reach(what)
        what.page.keyboard.type(label)
        chosen = what.evaluate("e => e.selectedOptions[0].text")
        assert chosen == label, chosen


Hands = Mouse | Keyboard


def clean(page: Page) -> None:
    """Nothing on this page is in an assistive technology's way."""
    assert axe(page) == [], page.url
