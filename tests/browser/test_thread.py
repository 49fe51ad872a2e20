"""The whole thread in a browser with a real worker, from entry to the record passing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from apps.common import clock
from apps.common.models import ClockShift
from apps.learners.models import Learner
from apps.transitions.models import Transition
from tests import factories as make
from tests.browser.hands import Hands, Keyboard, Mouse, clean
from tests.support.database import as_owner
from tests.support.processes import wait_until

AREAS = [
    ("Communication and interaction", "Moderate"),
    ("Cognition and learning", "Universal"),
    ("Social, emotional and mental health", "Mild"),
    ("Physical and/or sensory", "Universal"),
]


PUPILS = "UPN,Forename,Surname,DOB,Year,Form\nB801200005001,Robin,Exampleson,14/03/2016,6,6M\n"


def import_the_pupils(page: Page, hands: Hands, folder: Path) -> None:
    """Look at what the list would do, then add it, and see the worker do it."""
    path = folder / "pupils.csv"
    path.write_text(PUPILS)
    hands.click(page.get_by_role("link", name="Add learners"))
    clean(page)
    page.get_by_label("Pupil list or CTF").set_input_files(path)
    hands.click(page.get_by_role("button", name="Read the file"))
    expect(page.get_by_text("number being checked")).to_be_visible()
    clean(page)
    hands.click(page.get_by_role("button", name="Add 1"))
    expect(page.get_by_text("1 done on")).to_be_visible(timeout=20_000)
    clean(page)
    page.goto("/home/")


def put_on_the_register(page: Page, hands: Hands) -> None:
    hands.click(page.get_by_role("link", name="Put a learner on the register").first)
    hands.fill(page.get_by_label("Name", exact=True), "robin")
    hands.click(page.get_by_role("button", name="Find"))
    clean(page)
    hands.click(page.get_by_role("link", name="Robin").first)
    hands.check(page.get_by_label("Communication and interaction"))
    hands.check(page.get_by_label("Mild:"))
    hands.fill(page.get_by_label("What was seen?"), "Watches others to know what to do.")
    clean(page)
    hands.click(page.get_by_role("button", name="Put on the register"))
    expect(page.get_by_text("is on the register from today")).to_be_visible()
    clean(page)


def write_the_first_review(page: Page, hands: Hands) -> None:
    hands.click(page.get_by_role("button", name="Go on with the first review"))
    clean(page)
    for area, level in AREAS:
        change = page.get_by_role("link", name=f"the level of {area}")
        hands.press(change)
        hands.check(page.get_by_label(level, exact=True))
        if level != "Universal":
            hands.fill(page.get_by_label("What was seen?"), "Follows one part of an instruction.")
        clean(page)
        hands.press(page.get_by_role("button", name="Save", exact=True))
        expect(change).to_be_visible()
    for kind, words in [
        ("What I can do", "Builds bridges that hold."),
        ("Support", "Language group with the same six words all week"),
        ("Outcome", "Follow a two-part instruction in class"),
    ]:
        add = page.get_by_role("link", name=f"Add to {kind}")
        hands.press(add)
        hands.fill(page.get_by_label("In plain words"), words)
        clean(page)
        hands.press(page.get_by_role("button", name="Save", exact=True))
        expect(add).to_be_visible()
    hands.click(page.get_by_role("button", name="Check and sign off"))
    clean(page)
    hands.check(page.get_by_label("Not yet: one is offered"))
    hands.click(page.get_by_role("button", name="Sign off", exact=True))
    expect(page.get_by_text("review is signed off")).to_be_visible()


@pytest.mark.parametrize("hands", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_record_goes_with_the_child(live, worker, sign_in, hands: Hands, tmp_path) -> None:
    with transaction.atomic():
        area = make.local_area()
        primary = make.setting(area, name="Wren Park")
        secondary = make.setting(area, name="Ridgeway High", phase="secondary")
        senco, receiver = make.staff("senco", primary), make.staff("senco", secondary)
        officer = make.staff("officer", area)

    desk = sign_in(senco)
    import_the_pupils(desk, hands, tmp_path)
    with transaction.atomic():
        with as_owner():
            robin = Learner.objects.get()
        mother = make.parent(robin)
    put_on_the_register(desk, hands)

    phone = sign_in(mother, "phone")
    clean(phone)
    hands.click(phone.get_by_role("button", name="Say what you think"))
    hands.fill(phone.get_by_label("What is going well?"), "The bridge club.")
    clean(phone)
    hands.click(phone.get_by_role("button", name="Send"))
    expect(phone.get_by_text("Thank you")).to_be_visible()

    write_the_first_review(desk, hands)

    phone.goto("/home/")
    hands.click(phone.get_by_role("button", name="Say if you agree"))
    clean(phone)
    hands.check(phone.get_by_label("Yes, I agree"))
    hands.click(phone.get_by_role("button", name="Send"))
    expect(phone.get_by_text("You agreed.")).to_be_visible()

    _next_term_unchanged(desk, hands)

    desk.goto(f"/learners/{robin.id}/move/")
    first_day = clock.today() + timedelta(days=140)
    hands.check(desk.get_by_label("Phase transfer"))
    for part, value in zip(
        ("Day", "Month", "Year"), (first_day.day, first_day.month, first_day.year), strict=True
    ):
        hands.fill(desk.get_by_label(part, exact=True), str(value))
    hands.fill(desk.get_by_label("Year group there"), "7")
    hands.fill(desk.get_by_label("Where to"), "Ridgeway High")
    clean(desk)
    hands.click(desk.get_by_role("button", name="Plan the move"))
    watch = sign_in(officer)
    clean(watch)
    sees(watch, "Destination named")
    hands.click(desk.get_by_role("button", name="Share the record"))
    clean(desk)
    sees(watch, "Shared")

    far = sign_in(receiver)
    wait_until(lambda: _arrived(far), what="the package")
    clean(far)
    hands.click(far.get_by_role("link", name="Robin").first)
    hands.click(far.get_by_role("button", name="Open the record and say that it arrived"))
    sees(watch, "Received")
    for part, value in zip(("Day", "Month", "Year"), (1, 9, 2027), strict=True):
        hands.fill(far.get_by_label(part, exact=True), str(value))
    hands.fill(far.get_by_label("In a few words"), "A quiet visit")
    hands.click(far.get_by_role("button", name="Add to the plan"))
    sees(watch, "Settling in")
    hands.fill(far.get_by_label("Language group"), "Miss Fox, Tuesdays")
    clean(far)
    hands.click(far.get_by_role("button", name="Accept: this is how we begin"))
    expect(far.get_by_text("You are ready for")).to_be_visible()

    sees(watch, "Accepted")
    clean(watch)

    _shift(150)
    from apps.transitions.actions import delivery

    delivery.sweep()
    wait_until(lambda: _holds(far, "Ridgeway High", robin.id), what="the record to pass")

    with as_owner():
        move = Transition.objects.get()
    watch.goto(f"/moves/{move.id}/")
    watch.get_by_label("A move that needs help").check()
    watch.get_by_role("button", name="Open the record").click()
    expect(watch.get_by_text("Where it stands: completed")).to_be_visible()

    phone.goto("/home/")
    expect(phone.get_by_text("Record held by Ridgeway High")).to_be_visible()
    hands.click(phone.get_by_role("link", name="Who has looked at this record"))
    expect(phone.get_by_text("SENCO, Ridgeway High").first).to_be_visible()
    clean(phone)


def sees(officer: Page, stage: str) -> None:
    """The officer's list of moves says how far this one is."""
    officer.goto("/area/moves/")
    expect(officer.get_by_role("table").get_by_text(stage, exact=True)).to_be_visible()


def _shift(days: int) -> None:
    with transaction.atomic(), as_owner():
        ClockShift.objects.update_or_create(id=True, defaults={"days": days})


def _next_term_unchanged(page: Page, hands: Hands) -> None:
    """Next term, unchanged, signed off in three page loads: the queue, the record, the next."""
    _shift(120)
    page.goto("/reviews/")
    hands.click(page.get_by_role("button", name="Open this term's reviews"))
    expect(page.get_by_text("1 review opened.")).to_be_visible()
    page.wait_for_load_state()
    loads = []
    page.on("load", lambda _: loads.append(page.url))
    page.goto("/reviews/")
    hands.click(page.get_by_role("link", name="Nothing changed"))
    clean(page)
    hands.check(page.get_by_label("Not yet: one is offered"))
    hands.click(page.get_by_role("button", name="Still true"))
    expect(page.get_by_text("review is signed off")).to_be_visible()
    assert len(loads) == 3
    _shift(0)


def _arrived(page: Page) -> bool:
    page.goto("/moves/")
    return page.get_by_role("link", name="Robin").count() > 0 and "Package" in _package(page)


def _package(page: Page) -> str:
    Mouse().click(page.get_by_role("link", name="Robin").first)
    words = page.locator("main").inner_text()
    page.goto("/moves/")
    return words


def _holds(page: Page, name: str, learner_id: object) -> bool:
    page.goto(f"/learners/{learner_id}/")
    return page.get_by_text(f"Record held by {name}").count() > 0
