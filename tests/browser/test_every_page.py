"""Every page, for somebody who may see it: axe finds nothing; phone and tablet show it whole.

With SCREENSHOTS set to a folder (`make pictures`), each page is pictured there at each size, to be
looked at.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Browser, Page

from tests.access.test_matrix import MATRIX, WHO, address
from tests.browser.conftest import SIZES, axe
from tests.support.world import build, everyone_else

SCREENSHOTS = os.environ.get("SCREENSHOTS")

# Answers that are no page, and pages of a machine.
NO_PAGE = {
    "api-schema", "brought-over-template", "import-template",
    "profile-paper", "class-papers", "cover-paper", "document",
    "meeting-calendar",
}  # fmt: skip
PEOPLE = ["anyone", "senco", "teacher", "head", "parent", "officer", "administrator"]

# Parts of a page that are made only when they are asked for.
ASKED_FOR = {"register": ["?narrow=yes"]}

# Pages that nobody of them sees.
OTHERS = {
    "specialist": ["referred", "profile"],
    "virtual head": ["looked-after", "record"],
    "trust lead": ["figures", "opened-register"],
    "institute editor": ["institute"],
}


def pages(who: str) -> list[str]:
    """The names of the pages that this person sees and nobody before them in the list does."""
    column = WHO.index(who)
    before = [WHO.index(p) for p in PEOPLE[: PEOPLE.index(who)]]
    return [
        name
        for name, row in MATRIX.items()
        if name not in NO_PAGE
        and row.split()[column] == "200"
        and (name == "home" or not any(row.split()[b] == "200" for b in before))
    ]


def test_every_page_is_somebody_s() -> None:
    covered = {name for who in PEOPLE for name in pages(who)}
    shown = {name for name, row in MATRIX.items() if "200" in row.split()}
    assert shown - NO_PAGE == covered


@pytest.mark.parametrize("who", PEOPLE)
def test_axe_finds_nothing_and_small_screens_show_all(who: str, live, browser, sign_in) -> None:
    with transaction.atomic():
        world = build()
    person = world["people"][who]
    page = sign_in(person) if person else stranger(browser, live)
    wrong = found_on(page, pages(who), world)
    assert not wrong, "\n".join(str(w) for w in wrong)


@pytest.mark.parametrize("who", OTHERS)
def test_nor_on_the_pages_of_everyone_else(who: str, live, sign_in) -> None:
    with transaction.atomic():
        world = build()
        people = everyone_else(world)
    wrong = found_on(sign_in(people[who]), OTHERS[who], world)
    assert not wrong, "\n".join(str(w) for w in wrong)


def found_on(page: Page, names: list[str], world: dict[str, Any]) -> list[Any]:
    """What axe finds on these pages, and which are wider than a phone or a tablet."""
    wrong: list[Any] = []
    for name in names:
        for query in ["", *ASKED_FOR.get(name, [])]:
            page.set_viewport_size(SIZES["laptop"])  # type: ignore[arg-type]
            response = page.goto(address(name, world) + query)
            assert response and response.status == 200, name
            wrong += [(name + query, found) for found in axe(page)]
            for size, of in SIZES.items():
                page.set_viewport_size(of)  # type: ignore[arg-type]
                wide = page.evaluate("document.documentElement.scrollWidth")
                if wide > of["width"]:
                    wrong.append((name + query, f"{wide} px wide on a {size}"))
                if SCREENSHOTS:
                    picture = Path(SCREENSHOTS, f"{name}{'-asked' * bool(query)}.{of['width']}.png")
                    page.screenshot(path=picture, full_page=True)
    return wrong


def stranger(browser: Browser, live: str) -> Page:
    context = browser.new_context(base_url=live)
    return context.new_page()
