"""Somebody without an account answers by a link, on a phone."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from playwright.sync_api import expect

from apps.common import clock
from apps.reviews import links
from apps.reviews.actions import asking
from apps.reviews.asking import Person
from tests import factories as make
from tests.browser.conftest import SIZES, axe
from tests.support.world import build


def test_an_answer_by_link_arrives_and_a_second_is_thanked(live, browser, sign_in) -> None:
    with transaction.atomic():
        world = build()
        senco = world["people"]["senco"]
        (row,) = asking.ask(
            by=make.acting_as(senco),
            review_id=world["kwargs"]["review_id"],
            people=[Person("specialist", "Lee Therapist", email="lee@example.test")],
            due_on=clock.today() + timedelta(days=7),
        )
    phone = browser.new_context(viewport=SIZES["phone"], base_url=live).new_page()
    phone.goto(links.path_of(row))
    assert axe(phone) == []
    phone.get_by_label("What is going well?").fill("Hums the tune of the day.")
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_text("What you wrote has arrived.")).to_be_visible()
    assert axe(phone) == []
    phone.goto(links.path_of(row))
    expect(phone.get_by_text("Thank you").first).to_be_visible()
    phone.context.close()

    desk = sign_in(senco)
    desk.goto(f"/reviews/{world['kwargs']['review_id']}/")
    expect(desk.get_by_text("Hums the tune of the day.")).to_be_visible()
