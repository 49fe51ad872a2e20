"""A browser killed in the middle of a sentence loses none of it (goal R9)."""

from __future__ import annotations

from django.db import transaction
from playwright.sync_api import expect

from tests.support.world import build

WORDS = "Sings all day, and knows every word."


def test_words_survive_a_killed_browser_and_are_gone_once_sent(live, browser, sign_in) -> None:
    with transaction.atomic():
        world = build()
    senco = world["people"]["senco"]
    address = f"/reviews/{world['kwargs']['review_id']}/add/strength/"

    first = sign_in(senco)
    first.goto(address)
    first.get_by_label("In plain words").press_sequentially(WORDS, delay=5)
    expect(first.get_by_text("What you have typed is kept.")).to_be_visible()
    first.context.close()  # as a crash does: no event runs

    second = sign_in(senco)
    second.goto(address)
    expect(second.get_by_text("This is what you had typed")).to_be_visible()
    expect(second.get_by_label("In plain words")).to_have_value(WORDS)
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_text(WORDS).first).to_be_visible()

    second.goto(address)
    second.wait_for_load_state("networkidle")
    expect(second.get_by_label("In plain words")).to_have_value("")


def test_starting_afresh_forgets_and_nobody_else_sees_the_words(live, browser, sign_in) -> None:
    with transaction.atomic():
        world = build()
    address = f"/classes/{world['kwargs']['learner_id']}/"
    teacher = sign_in(world["people"]["teacher"], "phone")
    teacher.goto(address)
    teacher.get_by_label("What is going well?").fill(WORDS)
    expect(teacher.get_by_text("What you have typed is kept.")).to_be_visible()

    senco = sign_in(world["people"]["senco"])
    senco.goto(address)
    senco.wait_for_load_state("networkidle")
    assert WORDS not in senco.content()

    teacher.reload()
    expect(teacher.get_by_label("What is going well?")).to_have_value(WORDS)
    teacher.get_by_role("button", name="Start afresh").click()
    teacher.wait_for_load_state("networkidle")
    expect(teacher.get_by_label("What is going well?")).to_have_value("")
