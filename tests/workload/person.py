"""A person at a page, who reads, decides, points, types and composes at stated speeds.

Nobody is measured here: a script does what a person has to do, counts it, and adds up what
published averages say it takes. What a person thinks about the child is not in it.

- reading: 238 words a minute, silent reading of English (Brysbaert, 2019);
- composing new text: 19 words a minute (Karat and others, 1999);
- typing what is known, such as a name: 0.28 s a key; pointing 1.1 s, a click 0.2 s, from the mouse
  to the keys and back 0.4 s each; deciding what to do next 1.35 s (Card, Moran, Newell, 1980).
  Where the page has put the cursor into the box already, nobody points at it.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from playwright.sync_api import Locator, Page, expect

READS, COMPOSES = 238 / 60, 19 / 60  # words a second
KEY, POINT, CLICK, HAND, DECIDE = 0.28, 1.1, 0.2, 0.4, 1.35  # seconds


@dataclass
class Person:
    """Counts what one journey asks of somebody, and adds up the seconds."""

    page: Page
    loads: int = 0
    clicks: int = 0
    keys: int = 0
    words: int = 0
    seconds: float = 0
    machine: float = 0
    steps: list[str] = field(default_factory=list)

    def goes_to(self, path: str) -> None:
        """Open an address, as a bookmark or the menu does."""
        self._waits(lambda: self.page.goto(path), loads=1)
        self._does(clicks=1)

    def clicks_to(self, what: Locator) -> None:
        """Click what leads to another page."""

        def click() -> None:
            with self.page.expect_navigation():
                what.click()

        self._waits(click, loads=1)
        self._does(clicks=1)

    def presses(self, what: Locator, then: Locator) -> None:
        """Click where the answer comes in its place."""

        def click() -> None:
            what.click()
            expect(then.first).to_be_visible()

        self._waits(click)
        self._does(clicks=1)

    def chooses(self, what: Locator) -> None:
        """Tick or choose."""
        what.check()
        self._does(clicks=1)

    def picks(self, what: Locator, label: str) -> None:
        """Choose in a list."""
        what.select_option(label=label)
        self._does(clicks=2)

    def types(self, what: Locator, text: str) -> None:
        """Type what one knows."""
        self._reaches(what)
        what.fill(text)
        self.keys += len(text)
        self.seconds += DECIDE + KEY * len(text)

    def composes(self, what: Locator, text: str) -> None:
        """Write something new."""
        self._reaches(what)
        what.fill(text)
        self.keys += len(text)
        self.seconds += len(text.split()) / COMPOSES

    def reads(self, what: Locator) -> None:
        """Read every word that is visible there."""
        words = sum(len(text.split()) for text in what.all_inner_texts())
        self.words += words
        self.seconds += words / READS

    def _reaches(self, box: Locator) -> None:
        """From the mouse to the keys and back; a box without the cursor is pointed at first."""
        self.seconds += 2 * HAND
        if not box.evaluate("e => e === document.activeElement"):
            self.seconds += POINT + CLICK

    def _does(self, clicks: int) -> None:
        self.clicks += clicks
        self.seconds += DECIDE + clicks * (POINT + CLICK)

    def _waits(self, act: object, loads: int = 0) -> None:
        started = time.perf_counter()
        act()  # type: ignore[operator]
        self.machine += time.perf_counter() - started
        self.loads += loads

    @property
    def total(self) -> float:
        """What it takes, the machine included, in seconds."""
        return self.seconds + self.machine
