"""A term's pages by keyboard alone: no pointer is needed, and axe finds nothing on the way."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from playwright.sync_api import Locator, expect

from apps.common import clock
from apps.reviews.actions import asking
from apps.reviews.models import Review
from tests import factories as make
from tests.browser.hands import Keyboard, clean
from tests.factories import PASSWORD
from tests.support import records

keys = Keyboard()


@pytest.fixture
def school(live: str) -> SimpleNamespace:
    """A school with two whole records, one under review now, and the people round it."""
    with transaction.atomic():
        place = make.setting(low_age=5, high_age=11)
        senco = make.staff("senco", place)
        teacher = make.staff("teacher", place, whole_setting=True)
        robin = make.learner(place, known_given="Robin", legal_given="Robin", year_group=4)
        wren = make.learner(place, known_given="Wren", legal_given="Wren", year_group=5)
        for learner in (robin, wren):
            records.signed(senco, learner, place)
        records.days_pass(130)
        review = records.open_one(senco, robin, place)
    return SimpleNamespace(**locals())


def test_a_register_is_narrowed_and_taken_away(school, sign_in) -> None:
    page = sign_in(school.senco)
    page.goto("/register/")
    rows = page.get_by_role("region", name="Learners").locator("tbody tr")
    expect(rows).to_have_count(2)
    keys.fill(page.get_by_label("Find by name"), "wre")  # the list follows, and no button is needed
    expect(rows).to_have_count(1)
    expect(page.get_by_role("status").filter(has_text="1 found")).to_be_attached()
    clean(page)
    keys.fill(page.get_by_label("Find by name"), "wrenn")
    expect(page.get_by_text("Did you mean")).to_be_visible()
    page.goto("/register/")
    keys.click(page.get_by_role("link", name="Filter, sort, choose columns"))
    keys.chooses(page.get_by_label("Year group"), "Year 4")
    clean(page)
    keys.click(page.get_by_role("button", name="Apply"))
    expect(rows).to_have_count(1)
    keys.fill(page.get_by_label("Keep this as a view of yours"), "Year 4")
    keys.click(page.get_by_role("button", name="Keep", exact=True))
    expect(page.get_by_role("link", name="Year 4", exact=True)).to_be_visible()
    keys.tick(rows.get_by_role("checkbox"))
    keys.press(page.get_by_role("button", name="CSV"))
    keys.fill(page.get_by_label("Password"), PASSWORD)  # a list that leaves asks once more
    with page.expect_download() as found:
        keys.press(page.get_by_role("button", name="Go on"))
    assert found.value.suggested_filename.endswith(".csv")


def test_a_review_is_done_in_place(school, sign_in) -> None:
    page = sign_in(school.senco)
    page.goto(f"/reviews/{school.review.id}/")
    strength = page.locator("#section-strength .lr-line").first
    keys.press(strength.get_by_role("button", name="Still true"))
    expect(strength.get_by_text("Still true, says")).to_be_visible()

    supports = page.locator("#section-support")
    keys.press(supports.locator(".lr-line").nth(1).get_by_role("link", name="Change or end"))
    keys.fill(supports.get_by_label("In plain words"), "New words, before the lesson and after it")
    clean(page)
    keys.press(page.get_by_role("button", name="Save", exact=True))
    expect(supports.get_by_text("Changed")).to_be_visible()
    keys.press(supports.get_by_role("button", name="Undo"))
    expect(supports.get_by_text("Changed")).to_have_count(0)

    first = supports.locator(".lr-line").first
    words = first.locator("p").first.inner_text()
    keys.press(first.get_by_role("button", name="Move down"))
    expect(supports.locator(".lr-line").nth(1)).to_contain_text(words)

    keys.press(page.locator("summary", has_text="practice guide").first)
    lines = supports.locator(".lr-line")
    before = lines.count()
    keys.press(page.get_by_role("button", name="Take over as support").first)
    expect(lines).to_have_count(before + 1)

    for outcome in page.locator("#progress fieldset").all():
        keys.check(outcome.get_by_label("On track"))
    keys.press(page.get_by_role("button", name="Save progress"))
    keys.press(page.get_by_role("button", name="All the rest is still true"))
    keys.click(page.get_by_role("button", name="Check and sign off"))
    clean(page)
    keys.check(page.get_by_label("Not yet: one is offered"))
    keys.click(page.get_by_role("button", name="Sign off", exact=True))
    expect(page.get_by_text("review is signed off")).to_be_visible()


def test_a_class_round_and_a_support_check(school, sign_in) -> None:
    with transaction.atomic():
        by = make.acting_as(school.senco)
        open_now = list(Review.objects.filter(state="open").values_list("pk", flat=True))
        asking.ask_for_views(by=by, review_ids=open_now, due_on=clock.today() + timedelta(days=10))
    page = sign_in(school.teacher)
    page.goto("/classes/round/")
    card = page.locator(".lr-round").first
    keys.check(card.get_by_label("Partly").first)
    keys.fill(card.get_by_label("What do you see?").first, "Only when it is quiet")
    keys.tick(card.get_by_label("All of it works"))
    clean(page)
    keys.click(page.get_by_role("button", name="Save"))
    expect(page.get_by_text("1 of 2").first).to_be_visible()
    page.goto("/classes/support/")
    keys.click(page.get_by_role("button", name="As planned").first)
    expect(page.locator(".lr-check .govuk-tag").first).to_have_text("As planned")


def test_something_noticed_is_answered(school, sign_in) -> None:
    with transaction.atomic():
        make.learner(school.place, known_given="Sky", legal_given="Sky", year_group=4)
    page = sign_in(school.teacher)
    page.goto("/classes/notice/")
    keys.click(page.get_by_role("link", name="Sky"))
    keys.fill(page.get_by_label("What do you see?"), "Reads a line twice and loses the place")
    keys.check(page.get_by_label("Not yet"))
    clean(page)
    keys.click(page.get_by_role("button", name="Send to the SENCO"))
    expect(page.get_by_text("Thank you. The SENCO reads it")).to_be_visible()

    desk = sign_in(school.senco)
    desk.goto("/noticing/")
    keys.click(desk.get_by_role("link", name="Sky"))
    keys.fill(desk.get_by_label("What does the class do now?"), "A ruler under the line")
    fill_day(desk.get_by_role("group", name="When do you look again?"))
    clean(desk)
    keys.click(desk.get_by_role("button", name="Support in class"))
    expect(desk.get_by_text("on your home page again on that day")).to_be_visible()


def test_a_meeting_is_offered_chosen_and_held(school, sign_in) -> None:
    with transaction.atomic():
        mother = make.parent(school.robin)
    desk = sign_in(school.senco)
    desk.goto(f"/learners/{school.robin.id}/meetings/")
    keys.tick(desk.get_by_role("group", name="Who is invited?").get_by_role("checkbox"))
    fill_day(desk.get_by_role("group", name="Day 1", exact=True))
    keys.fill(desk.get_by_label("Time 1"), "15:30")
    keys.check(desk.get_by_role("group", name="How do you meet?").get_by_role("radio").first)
    clean(desk)
    keys.click(desk.get_by_role("button", name="Offer these times"))

    phone = sign_in(mother, "phone")
    phone.goto("/home/")
    keys.click(phone.get_by_role("button", name="Choose a time").first)
    keys.check(phone.get_by_role("radio").first)
    clean(phone)
    keys.click(phone.get_by_role("button", name="Book this time"))
    expect(phone.get_by_role("heading", name="Your meeting is booked")).to_be_visible()

    desk.goto(f"/learners/{school.robin.id}/meetings/")
    keys.click(desk.locator("main").get_by_role("listitem").get_by_role("link"))
    keys.fill(desk.get_by_label("What was agreed"), "A card for a break, from Monday")
    clean(desk)


def fill_day(group: Locator) -> None:
    """Two weeks from now."""
    day = clock.today() + timedelta(days=14)
    for part, value in zip(("Day", "Month", "Year"), (day.day, day.month, day.year), strict=True):
        keys.fill(group.get_by_label(part, exact=True), str(value))
