"""A browser killed in the middle of a sentence loses none of it (goal R9)."""

from __future__ import annotations

from django.db import transaction
from playwright.sync_api import expect

from apps.common import clock
from apps.transitions.models import Query
from tests.support.database import as_owner
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


def test_each_form_of_a_page_keeps_its_own_words_and_loses_none_of_another(
    live, browser, sign_in
) -> None:
    with transaction.atomic():
        world = build()
        with as_owner():
            for question in ("Which bus?", "Who meets Robin?"):
                Query.objects.create(
                    transition_id=world["kwargs"]["transition_id"],
                    learner_id=world["kwargs"]["learner_id"],
                    question=question,
                    asked_by=world["people"]["senco"],
                    asked_for=world["other"].id,
                    asked_at=clock.now(),
                )
    address = f"/moves/{world['kwargs']['transition_id']}/"
    first = sign_in(world["people"]["senco"])
    first.goto(address)
    for number, words in enumerate(["The 42.", "Mx Reed."]):
        first.get_by_label("Answer").nth(number).fill(words)
        expect(first.get_by_text("What you have typed is kept.")).to_have_count(number + 1)
    first.context.close()

    second = sign_in(world["people"]["senco"])
    second.goto(address)
    expect(second.get_by_text("This is what you had typed")).to_have_count(2)
    typed = {answer.input_value() for answer in second.get_by_label("Answer").all()}
    assert typed == {"The 42.", "Mx Reed."}
    second.get_by_role("button", name="Answer").first.click()
    expect(second.get_by_text("This is what you had typed")).to_have_count(1)
    assert second.get_by_label("Answer").input_value() in typed


def test_a_form_whose_answer_is_a_page_is_forgotten_once_it_did_its_work(
    live, browser, sign_in
) -> None:
    with transaction.atomic():
        world = build()
    page = sign_in(world["people"]["senco"])
    page.goto(f"/learners/{world['kwargs']['learner_id']}/family/")
    page.get_by_label("Full name").fill("Sam Exampleson")
    expect(page.get_by_text("What you have typed is kept.")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Full name")).to_have_value("Sam Exampleson")
    page.get_by_label("E-mail address").fill("sam@example.test")
    page.get_by_label("How the setting knows who they are").fill("Known to us")
    page.get_by_role("button", name="Make a code").click()
    expect(page.get_by_text("is invited").first).to_be_visible()
    page.goto(f"/learners/{world['kwargs']['learner_id']}/family/")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Full name")).to_have_value("")
