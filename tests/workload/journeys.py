"""The workload table: each journey walked, counted, and held against its bar. `make workload`.

On records of four areas, six supports and three outcomes. What is read: everything that is about
the child, and no names of buttons; of a form in daily use its labels are known, and of the
six descriptions of an area those of the level chosen and of its neighbours are read.
"""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from playwright.sync_api import Page, expect

from apps.common import clock
from apps.formats.sheets import to_xlsx
from apps.learners.models import FamilyMember
from apps.reviews import links
from apps.reviews.actions import asking as sending
from apps.reviews.asking import Person as Asked
from apps.reviews.models import Review
from tests import factories as make
from tests.browser.conftest import browser as browser  # noqa: PLC0414 - a fixture
from tests.browser.conftest import sign_in as sign_in  # noqa: PLC0414 - a fixture
from tests.support import records
from tests.support.database import as_owner
from tests.support.processes import wait_until
from tests.workload.person import Person
from tests.workload.table import FIGURES, HOUR, MINUTE, School, note
from tests.workload.table import table as table  # noqa: PLC0414 - a fixture


@pytest.fixture
def school(live: str) -> School:
    return School()


def test_put_a_learner_on_the_register(school: School, sign_in) -> None:
    with transaction.atomic():
        make.learner(school.school, known_given="Wren", legal_given="Wren")
    p = Person(sign_in(school.senco))
    p.clicks_to(p.page.get_by_role("link", name="Put a learner on the register").first)
    p.types(p.page.get_by_label("Name", exact=True), "wren")
    p.clicks_to(p.page.get_by_role("button", name="Find"))
    p.clicks_to(p.page.get_by_role("link", name="Wren").first)
    p.chooses(p.page.get_by_label("Communication and interaction"))
    p.chooses(p.page.get_by_label("Mild:"))
    p.composes(p.page.get_by_label("What was seen?"), "Watches others to know what to do")
    p.clicks_to(p.page.get_by_role("button", name="Put on the register"))
    expect(p.page.get_by_text("is on the register from today")).to_be_visible()
    note("put a learner on the register", p.total, MINUTE, p)


def test_sign_off_where_nothing_changed(school: School, sign_in) -> None:
    school.next_term()
    page = sign_in(school.senco)
    p = Person(page)
    p.goes_to("/reviews/")
    p.clicks_to(page.get_by_role("link", name="Nothing changed").first)
    p.reads(page.locator("main .lr-columns"))
    p.chooses(page.get_by_label("Not yet: one is offered"))
    p.clicks_to(page.get_by_role("button", name="Still true"))
    expect(page.get_by_text("review is signed off")).to_be_visible()
    assert (p.loads, p.keys) == (3, 0)
    assert p.machine < 2
    note("sign off a record where nothing changed", p.total, 1.5 * MINUTE, p)


def usual_review(p: Person) -> None:
    """Most is still true; a need moves, two supports and an outcome change, outcomes are marked."""
    page = p.page
    p.reads(page.locator("main .lr-line > p, main .lr-voice p"))
    for kind in ("harder", "adaptation"):
        heading = page.locator(f"#section-{kind}")
        button = heading.get_by_role("button", name="All of these are still true")
        if button.count():
            p.presses(button, heading.get_by_text("Still true, says").first)
    level(p, "Cognition and learning", "Moderate", "Copies a sentence and cannot say what it means")
    first = page.locator("#section-support .lr-line").first
    p.presses(first.get_by_role("link", name="Change or end"), page.get_by_label("Minutes each"))
    p.types(page.get_by_label("Minutes each time"), "30")
    p.presses(save(page), page.locator("#section-support").get_by_text("Changed"))
    add(p, "support", "Words of the week sent home on Mondays")
    last = page.locator("#section-outcome .lr-line").nth(1)
    p.presses(last.get_by_role("link", name="Change or end"), page.get_by_label("Aim"))
    p.composes(page.get_by_label("Aim"), "Three new words in each piece")
    p.presses(save(page), page.locator("#section-outcome").get_by_text("Changed"))
    for outcome in page.locator("#progress fieldset").all():
        p.chooses(outcome.get_by_label("On track"))
    p.presses(
        page.get_by_role("button", name="Save progress"),
        page.locator("#section-outcome"),
    )
    p.presses(
        page.get_by_role("button", name="All the rest is still true"),
        page.get_by_text(f"{IN_FORCE} of {IN_FORCE} looked at"),
    )
    sign_off(p)


IN_FORCE = len(records.statements())


def save(page: Page):
    return page.get_by_role("button", name="Save", exact=True)


def level(p: Person, area: str, name: str, seen: str = "") -> None:
    """Choose a level by reading its description and its neighbours'."""
    page = p.page
    change = page.get_by_role("link", name=f"the level of {area}")
    form = page.locator(".lr-line--open")
    p.presses(change, form.locator(".lr-choices"))
    if seen:
        p.composes(form.get_by_label("What was seen?"), seen)
    choices = form.locator(".lr-choice")
    chosen = next(c for c in range(6) if name in choices.nth(c).inner_text().split("\n")[0])
    for neighbour in range(max(chosen - 1, 0), min(chosen + 2, 6)):
        p.reads(choices.nth(neighbour).locator("p"))
    p.chooses(choices.nth(chosen).get_by_role("radio"))
    p.presses(save(page), change)


def add(p: Person, kind: str, words: str, **short: str) -> None:
    """Add a statement in one's own words."""
    page = p.page
    section = page.locator(f"#section-{kind}")
    link = section.get_by_role("link", name="Add", exact=False).last
    p.presses(link, section.get_by_label("In plain words"))
    p.composes(section.get_by_label("In plain words"), words)
    for label, text in short.items():
        p.types(section.get_by_label(label.replace("_", " ")), text)
    p.presses(save(page), section.get_by_text(words))


def sign_off(p: Person) -> None:
    """Read what will become part of the record, and sign."""
    p.clicks_to(p.page.get_by_role("button", name="Check and sign off"))
    p.reads(p.page.locator("main"))
    p.chooses(p.page.get_by_label("Not yet: one is offered"))
    p.clicks_to(p.page.get_by_role("button", name="Sign off", exact=True))
    expect(p.page.get_by_text("review is signed off")).to_be_visible()


def test_the_usual_review(school: School, sign_in) -> None:
    review = school.next_term()
    p = Person(sign_in(school.senco))
    p.goes_to("/reviews/")
    p.goes_to(f"/reviews/{review.id}/")
    usual_review(p)
    note("the usual review, some things changed", p.total, 6 * MINUTE, p)


def test_a_first_full_record(school: School, sign_in) -> None:
    """Three needs with evidence, four supports of the toolkit and two others, three outcomes."""
    with transaction.atomic():
        wren = make.learner(school.school, known_given="Wren", legal_given="Wren")
        by = make.acting_as(school.senco)
        seen = records.entry.Evidence("Watches others", "class", clock.today(), "Mr Ray")
        records.entry.put_on_register(
            by=by, learner=wren, setting=school.school, level="mild", evidence=seen,
            area="communication-and-interaction",
        )  # fmt: skip
        review = Review.objects.get(learner=wren, state="open")
    p = Person(sign_in(school.senco))
    page = p.page
    p.goes_to(f"/reviews/{review.id}/")
    level(p, "Communication and interaction", "Moderate", "Follows one part of a long instruction")
    level(p, "Cognition and learning", "Mild", "New words are gone by the next day")
    level(p, "Social, emotional and mental health", "Mild", "Leaves the room when it is loud")
    p.clicks_to(page.get_by_role("button", name="not chosen yet"))
    add(p, "strength", "Builds bridges that hold")
    add(p, "aspiration", "Wants to be an engineer")
    add(p, "harder", "Loud rooms and long talk")
    guides = page.locator("summary", has_text="practice guide")
    taken = 0
    for n in range(2):
        p.presses(guides.nth(n), page.locator("details[open] .lr-guide").first)
        for button in page.get_by_role("button", name="Take over as support").all()[:2]:
            p.reads(button.locator("xpath=ancestor::li[1]"))
            taken += 1
            lines = page.locator("#section-support .lr-line")
            p.presses(button, lines.nth(taken))  # the last is the way to add one
    add(p, "support", "Language group with Mrs Day", Minutes_each_time="20")
    add(p, "support", "Pictures for the day", Minutes_each_time="5")
    add(p, "adaptation", "A quiet place to go to")
    for words, now, aim in (
        ("Follow two-part instructions", "With help", "Alone, 4 of 5 times"),
        ("Use new words in writing", "None", "Three in each piece"),
        ("Ask for a break", "Leaves", "Shows the card each time"),
    ):
        add(p, "outcome", words, Now=now, Aim=aim)
    sign_off(p)
    note("a first, full record", p.total, 10 * MINUTE, p)


def test_a_whole_term(school: School, sign_in) -> None:
    """Of a hundred learners: sixty unchanged, thirty-four the usual review, six new."""
    for count, bar in ((60, 8 * HOUR), (230, 30 * HOUR)):
        each = [FIGURES[name][0] for name in (UNCHANGED, USUAL, FIRST)]
        took = count * (0.60 * each[0] + 0.34 * each[1] + 0.06 * each[2])
        note(f"a whole term, meetings apart: {count} learners (computed)", took, bar)


UNCHANGED = "sign off a record where nothing changed"
USUAL = "the usual review, some things changed"
FIRST = "a first, full record"


def test_an_existing_register_is_brought_over(school: School, worker, sign_in, tmp_path) -> None:
    """A list of twenty as a workbook, and a level for each; more of them take so much longer."""
    names = [f"Learner{n}" for n in range(20)]
    with transaction.atomic():
        for name in names:
            make.learner(
                school.school, known_given=name, legal_given=name, legal_family="Ash",
                known_family="Ash",
            )  # fmt: skip
    rows = [[n, "Ash", "SLCN", "Points, seldom speaks", "Pictures first"] for n in names]
    path = tmp_path / "sen.xlsx"
    path.write_bytes(
        to_xlsx("SEN", ["Forename", "Surname", "Primary need", "Notes", "Support"], rows)
    )
    p = Person(sign_in(school.senco))
    page = p.page
    p.goes_to("/register/")
    p.clicks_to(page.get_by_role("link", name="Bring a list over"))
    _uploads(p, page.get_by_label("The list that you have"), path)
    p.clicks_to(page.get_by_role("button", name="Read the list"))
    p.reads(page.locator("main"))
    p.clicks_to(page.get_by_role("button", name="Bring over 20"))
    expect(page.get_by_text("done on")).to_be_visible(timeout=30_000)
    p.clicks_to(page.get_by_role("button", name="Choose areas and levels"))
    once, machine = p.seconds, p.machine
    for row in page.locator(".lr-level-row").all():
        p.reads(row.locator("legend"))
        p.words += 5
        p.seconds += 5 / 3.97  # what the list said, in its box
        p.picks(row.get_by_label("Level"), "Moderate")
    p.clicks_to(page.get_by_role("button", name="Save those that are chosen"))
    each = (p.seconds - once + p.machine - machine) / 20
    note("bring over: a level for one learner (of 20)", each, 20.0, p)
    for count, bar in ((60, 45 * MINUTE), (230, 2 * HOUR)):
        took = once + machine + count * each
        note(f"an existing register of {count} brought over (computed)", took, bar)


def _uploads(p: Person, field: Any, path: Path) -> None:
    """Choose a file in the system's own window: four clicks and a look."""
    field.set_input_files(path)
    p.clicks += 4
    p.seconds += 4 * (1.1 + 0.2) + 3 * 1.35


def test_a_teacher_s_round(school: School, sign_in) -> None:
    """A class of thirty, six supports each: all works for twenty-four; six get a note."""
    with transaction.atomic():
        teacher = make.staff("teacher", school.school, whole_setting=True)
        class_of_30 = [school.robin]
        for n in range(29):
            learner = make.learner(school.school, known_given=f"Ada{n}", year_group=6)
            records.signed(school.senco, learner, school.school)
            class_of_30.append(learner)
    school.next_term()
    with transaction.atomic():
        by = make.acting_as(school.senco)
        open_now = Review.objects.filter(state="open").values_list("pk", flat=True)
        due = clock.today() + timedelta(days=10)
        sending.ask_for_views(by=by, review_ids=list(open_now), due_on=due)
    p = Person(sign_in(teacher, "phone"))
    p.goes_to("/classes/round/")
    cards = p.page.locator(".lr-round").all()
    assert len(cards) == 30
    for n, card in enumerate(cards):
        p.reads(card.locator("h2"))
        if n % 5 == 0:
            p.reads(card.locator("legend"))
            p.chooses(card.get_by_label("Partly").first)
            p.composes(card.get_by_label("What do you see?").first, "Only when it is quiet")
        p.chooses(card.get_by_label("All of it works"))
    p.clicks_to(p.page.get_by_role("button", name="Save"))
    expect(p.page.get_by_text("30 of 30").first).to_be_visible()
    note("a teacher's round for a class of 30", p.total, 15 * MINUTE, p)


def test_a_parent_answers_from_the_link(school: School, browser, live) -> None:
    review = school.next_term()
    with transaction.atomic():
        with as_owner():
            gran = FamilyMember.objects.create(
                learner=school.robin, name="Jo", relation="grandparent", email="jo@example.test"
            )
        person = Asked("family", gran.name, member_id=gran.id, email=gran.email)
        due = clock.today() + timedelta(days=7)
        by = make.acting_as(school.senco)
        (row,) = sending.ask(by=by, review_id=review.id, people=[person], due_on=due)
    phone = browser.new_context(viewport={"width": 360, "height": 740}, base_url=live)
    p = Person(phone.new_page())
    p.goes_to(links.path_of(row))
    p.reads(p.page.locator("main"))
    p.composes(p.page.get_by_label("What is going well?"), "Robin tells us about the bridge club")
    p.composes(
        p.page.get_by_label("What is harder at the moment?"), "Mornings when the bus is late again"
    )
    p.composes(p.page.get_by_label("What would help?"), "Somebody at the gate who says hello")
    p.clicks_to(p.page.get_by_role("button", name="Send"))
    expect(p.page.get_by_text("What you wrote has arrived.")).to_be_visible()
    note("contribute as a parent, from the link, on a phone", p.total, 3 * MINUTE, p)
    phone.close()


def test_an_evidence_pack(school: School, sign_in) -> None:
    p = Person(sign_in(school.senco))
    p.page.goto(f"/learners/{school.robin.id}/")
    with p.page.expect_download() as found:
        p.page.get_by_role("button", name="Evidence").click()
    p._does(clicks=1)
    assert found.value.suggested_filename.endswith(".pdf")
    note("an evidence pack: one click", float(p.clicks), 1.0, p)


def test_hand_over_a_whole_year(school: School, sign_in) -> None:
    """Twenty-eight more of Year 6, all destinations known."""
    with transaction.atomic():
        make.setting(school.area, name="Ridgeway High", phase="secondary", low_age=11, high_age=16)
        by = make.acting_as(school.senco)
        seen = records.entry.Evidence("Seen", "class", clock.today(), "Mr Ray")
        for n in range(28):
            learner = make.learner(school.school, year_group=6, known_given=f"Ada{n}")
            records.entry.put_on_register(
                by=by, learner=learner, setting=school.school, level="mild", evidence=seen,
                area="cognition-and-learning",
            )  # fmt: skip
    p = Person(sign_in(school.senco))
    p.goes_to("/moves/")
    p.clicks_to(p.page.get_by_role("link", name="Year 6"))
    fields = p.page.get_by_label("Where ", exact=False).all()
    for where in [f for f in fields if (f.get_attribute("name") or "").startswith("to-")]:
        p.types(where, "Ridgeway High"[:3])  # the list of likely settings offers the rest
        where.fill("Ridgeway High")
    p.clicks_to(p.page.get_by_role("button", name="Share the records"))
    expect(p.page.get_by_text("29 shared")).to_be_visible()
    note("hand over a whole Year 6 of 29", p.total, 5 * MINUTE, p)


def test_an_officer_finds_every_late_handover(school: School, sign_in) -> None:
    with transaction.atomic():
        officer = make.staff("officer", school.area)
        by = make.acting_as(school.senco)
        from apps.transitions.actions import planning

        planning.expect(
            by=by, learner=school.robin, kind="phase", starts_on=date.today().replace(
                year=date.today().year + 1, month=1, day=20
            ), year_group=7,
        )  # fmt: skip
    p = Person(sign_in(officer))
    p.clicks_to(p.page.get_by_role("link", name="Moves in the area"))
    expect(p.page.get_by_text("Needs help", exact=True)).to_be_visible()
    note("an officer finds every late handover: one click", float(p.clicks), 1.0, p)


def test_a_new_setting_goes_live(live, worker, sign_in, tmp_path) -> None:
    """A school of 210 pupils from its list."""
    with transaction.atomic():
        school = make.setting()
        senco = make.staff("senco", school)
    header = ["Forename", "Surname", "DOB", "Year", "Form"]
    rows = [
        [f"Pupil{n}", f"Name{n}", date(2016, 1 + n % 12, 1 + n % 28), 5, "5A"] for n in range(210)
    ]
    path = tmp_path / "pupils.xlsx"
    path.write_bytes(to_xlsx("Pupils", header, rows))
    p = Person(sign_in(senco))
    page = p.page
    p.clicks_to(page.get_by_role("link", name="Add learners"))
    _uploads(p, page.get_by_label("Pupil list or CTF"), path)
    p.clicks_to(page.get_by_role("button", name="Read the file"))
    p.reads(page.locator("main"))
    p.clicks_to(page.get_by_role("button", name="Add 210"))
    expect(page.get_by_text("done on")).to_be_visible(timeout=60_000)
    with transaction.atomic(), as_owner():
        from apps.learners.models import Enrolment

        wait_until(lambda: Enrolment.objects.filter(setting=school).count() == 210, what="pupils")
    note("a new setting goes live from its pupil list", p.total, 15 * MINUTE, p)
