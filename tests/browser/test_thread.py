"""The whole thread in a browser with a real worker, from entry to the record passing."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from playwright.sync_api import Page, expect

from apps.common import clock
from apps.common.models import ClockShift
from tests import factories as make
from tests.browser.conftest import axe
from tests.support.database import as_owner
from tests.support.processes import wait_until

AREAS = [
    ("Communication and interaction", "Moderate"),
    ("Cognition and learning", "Universal"),
    ("Social, emotional and mental health", "Mild"),
    ("Physical and/or sensory", "Universal"),
]


def clean(page: Page) -> None:
    """Nothing on this page is in an assistive technology's way."""
    assert axe(page) == [], page.url


def put_on_the_register(page: Page) -> None:
    page.get_by_role("link", name="Put a learner on the register").first.click()
    page.get_by_label("Name", exact=True).fill("robin")
    page.get_by_role("button", name="Find").click()
    clean(page)
    page.get_by_role("link", name="Robin").first.click()
    page.get_by_label("Communication and interaction").check()
    page.get_by_label("Mild:").check()
    page.get_by_label("What was seen?").fill("Watches others to know what to do.")
    clean(page)
    page.get_by_role("button", name="Put on the register").click()
    expect(page.get_by_text("is on the register from today")).to_be_visible()
    clean(page)


def write_the_first_review(page: Page) -> None:
    page.get_by_role("button", name="Go on with the first review").click()
    clean(page)
    for area, level in AREAS:
        page.get_by_role("link", name=f"the level of {area}").click()
        page.get_by_label(level, exact=True).check()
        if level != "Universal":
            page.get_by_label("What was seen?").fill("Follows one part of an instruction.")
        page.get_by_role("button", name="Save").click()
    for kind, words in [
        ("What I can do", "Builds bridges that hold."),
        ("Support", "Language group with the same six words all week"),
        ("Outcome", "Follow a two-part instruction in class"),
    ]:
        page.get_by_role("link", name=f"Add to {kind}").click()
        page.get_by_label("In plain words").fill(words)
        clean(page)
        page.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="Check and sign off").click()
    clean(page)
    page.get_by_role("button", name="Sign off", exact=True).click()
    expect(page.get_by_text("review is signed off")).to_be_visible()


def test_a_record_goes_with_the_child(live, worker, sign_in) -> None:
    with transaction.atomic():
        area = make.local_area()
        primary = make.setting(area, name="Wren Park")
        secondary = make.setting(area, name="Ridgeway High", phase="secondary")
        senco, receiver = make.staff("senco", primary), make.staff("senco", secondary)
        officer = make.staff("officer", area)
        robin = make.learner(primary, year_group=6)
        mother = make.parent(robin)

    desk = sign_in(senco)
    put_on_the_register(desk)

    phone = sign_in(mother, "phone")
    clean(phone)
    phone.get_by_role("button", name="Say what you think").click()
    phone.get_by_label("What is going well?").fill("The bridge club.")
    clean(phone)
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("Thank you")).to_be_visible()

    write_the_first_review(desk)

    phone.goto("/home/")
    phone.get_by_role("button", name="Say if you agree").click()
    clean(phone)
    phone.get_by_label("Yes, I agree").check()
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("You agreed with")).to_be_visible()

    _next_term_unchanged(desk)

    desk.goto(f"/learners/{robin.id}/move/")
    first_day = clock.today() + timedelta(days=140)
    desk.get_by_label("Phase transfer").check()
    for part, value in zip(
        ("Day", "Month", "Year"), (first_day.day, first_day.month, first_day.year), strict=True
    ):
        desk.get_by_label(part, exact=True).fill(str(value))
    desk.get_by_label("Year group there").fill("7")
    desk.get_by_label("Where to").fill("Ridgeway High")
    clean(desk)
    desk.get_by_role("button", name="Plan the move").click()
    desk.get_by_role("button", name="Share the record").click()
    clean(desk)

    far = sign_in(receiver)
    wait_until(lambda: _arrived(far), what="the package")
    clean(far)
    far.get_by_role("link", name="Robin").first.click()
    far.get_by_role("button", name="Open the record and say that it arrived").click()
    for part, value in zip(("Day", "Month", "Year"), (1, 9, 2027), strict=True):
        far.get_by_label(part, exact=True).fill(str(value))
    far.get_by_label("In a few words").fill("A quiet visit")
    far.get_by_role("button", name="Add to the plan").click()
    far.get_by_label("Language group").fill("Miss Fox, Tuesdays")
    clean(far)
    far.get_by_role("button", name="Accept: this is how we begin").click()
    expect(far.get_by_text("You are ready for")).to_be_visible()

    watch = sign_in(officer)
    clean(watch)
    watch.goto("/area/moves/")
    expect(watch.get_by_text("Accepted")).to_be_visible()
    clean(watch)

    _shift(150)
    from apps.transitions.actions import delivery

    delivery.sweep()
    wait_until(lambda: _holds(far, "Ridgeway High", robin.id), what="the record to pass")

    phone.goto("/home/")
    expect(phone.get_by_text("Record held by Ridgeway High")).to_be_visible()
    phone.get_by_role("link", name="Who has looked at this record").click()
    expect(phone.get_by_text("SENCO, Ridgeway High").first).to_be_visible()
    clean(phone)


def _shift(days: int) -> None:
    with transaction.atomic(), as_owner():
        ClockShift.objects.update_or_create(id=True, defaults={"days": days})


def _next_term_unchanged(page: Page) -> None:
    """Next term, unchanged, signed off in three page loads: the queue, the record, the next."""
    _shift(120)
    page.goto("/reviews/")
    page.get_by_role("button", name="Open this term's reviews").click()
    expect(page.get_by_text("1 review opened.")).to_be_visible()
    page.wait_for_load_state()
    loads = []
    page.on("load", lambda _: loads.append(page.url))
    page.goto("/reviews/")
    page.get_by_role("link", name="Nothing changed").click()
    clean(page)
    page.get_by_role("button", name="Still true").click()
    expect(page.get_by_text("review is signed off")).to_be_visible()
    assert len(loads) == 3
    _shift(0)


def _arrived(page: Page) -> bool:
    page.goto("/moves/")
    return page.get_by_role("link", name="Robin").count() > 0 and "Package" in _package(page)


def _package(page: Page) -> str:
    page.get_by_role("link", name="Robin").first.click()
    words = page.locator("main").inner_text()
    page.goto("/moves/")
    return words


def _holds(page: Page, name: str, learner_id: object) -> bool:
    page.goto(f"/learners/{learner_id}/")
    return page.get_by_text(f"Record held by {name}").count() > 0
