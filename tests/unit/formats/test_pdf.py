"""Papers are PDF/UA-1 as far as a machine can tell, and what people wrote is never markup."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apps.formats import pdf
from tests.support.papers import faults, words

NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
STATEMENT = {"text": "Asks for a break", "more": "three times a week", "staff": True}
ROBIN = {
    "first": "Robin",
    "rest": "Exampleson",
    "family_first": False,
    "about": ["Year 4"],
    "sections": [{"title": "What helps", "rows": [STATEMENT]}],
    "helps": ["A quiet place"],
    "avoid": [],
}
SLIPS = {"slips": ["Asks for a rest (Sam Pool, 2 May 2026)"]}
CYCLE = {
    "title": "Autumn term 2026/27",
    "needs": [
        {"area": "Speech", "level": "Mild", "text": "Few words", "evidence": ["In class"], **SLIPS}
    ],
    "outcomes": [STATEMENT | SLIPS],
    "support": [STATEMENT | {"slips": []}],
    "reviewed": "Reviewed on 1 May 2026.",
    "results": [{"outcome": "Asks for a break", "mark": "Achieved", "note": "", **SLIPS}],
    "voices": [{"who": "Family", "on": "1 May 2026", "said": ["Going well: mornings"]}],
    "signed_on": "1 May 2026",
    "sha256": "0" * 64,
}
FOOT = {"title": "A paper", "foot": "Made on 27 November 2026."}
ABOUT = {"heading": "Robin", "first": "Robin", "about": ["Born on 14 March 2018"], "redacted": []}
PAPERS: dict[str, dict[str, Any]] = {
    "profiles": {**FOOT, "people": [ROBIN, ROBIN]},
    "cover": {**FOOT, "lead": "First things", "people": [ROBIN]},
    "evidence": {**FOOT, **ABOUT, "cycles": [CYCLE, CYCLE], "redacted": ["1 May: a statement"]},
    "exams": {**FOOT, **ABOUT, "arrangements": [STATEMENT | {"since": "1 May", "often": "Daily"}]},
}
EMPTY: dict[str, dict[str, Any]] = {
    "profiles": {**FOOT, "people": []},
    "cover": {**FOOT, "lead": "", "people": []},
    "evidence": {**FOOT, **ABOUT, "cycles": []},
    "exams": {**FOOT, **ABOUT, "arrangements": []},
}


def test_every_template_is_among_them() -> None:
    templates = {path.stem for path in pdf.TEMPLATES.glob("*.typ")} - {"look"}
    assert templates == set(PAPERS) == set(EMPTY)


@pytest.mark.parametrize("values", [PAPERS, EMPTY], ids=["full", "empty"])
@pytest.mark.parametrize("paper", PAPERS)
def test_a_paper_is_accessible(paper: str, values: dict[str, Any]) -> None:
    assert faults(pdf.make(paper, values[paper], made_at=NOW)) == []


def test_the_checks_find_what_is_wrong() -> None:
    plain = pdf.typst.Compiler(b"Words without a tag").compile(format="pdf", pdf_tags=False)
    assert isinstance(plain, bytes)
    assert len(faults(plain)) > 4


def test_what_people_wrote_is_shown_as_they_wrote_it() -> None:
    typed = "#read(\"/etc/passwd\") *not bold* $x$ @all [a] <b> \\ 'it' // end"
    values = {**FOOT, "people": [{**ROBIN, "about": [typed]}]}
    assert typed in words(pdf.make("profiles", values, made_at=NOW))


@pytest.mark.parametrize("name", ["Łukasz Żak", "Ольга", "Ολγα", "محمد", "A\tB\nC"])
def test_a_name_is_shown_in_its_own_letters(name: str) -> None:
    values = {**FOOT, "people": [{**ROBIN, "first": name}]}
    made = pdf.make("profiles", values, made_at=NOW)
    assert faults(made) == []
    assert pdf.UNKNOWN not in words(made)


def test_a_character_that_no_font_has_is_a_square_and_stops_nothing() -> None:
    values = {**FOOT, "people": [{**ROBIN, "first": "\N{CJK UNIFIED IDEOGRAPH-674E}\x01Ann"}]}
    assert f"{pdf.UNKNOWN * 2}Ann" in words(pdf.make("profiles", values, made_at=NOW))


def test_each_profile_has_a_page_and_a_long_one_goes_on() -> None:
    long = {**ROBIN, "sections": [{"title": "What helps", "rows": [STATEMENT] * 90}]}
    made = pdf.make("profiles", {**FOOT, "people": [ROBIN, long, ROBIN]}, made_at=NOW)
    pages = words(made).split("Page ")
    assert [page.count("Exampleson") for page in pages[:2]] == [1, 1]
    assert words(made).count("Asks for a break") == 92


def test_what_is_done_for_an_examination_has_room_beside_long_answers() -> None:
    row = STATEMENT | {"since": "10 November 2025; in these words since 11 February 2026"}
    row |= {"more": "", "staff": False, "often": "Four times a week, 30 minutes, one to one"}
    read = words(pdf.make("exams", PAPERS["exams"] | {"arrangements": [row]}, made_at=NOW))
    assert "What is done Since How often" in read
    assert "Asks for a break 10 November 2025" in read


def test_the_same_values_make_the_same_bytes() -> None:
    made = [pdf.make("profiles", PAPERS["profiles"], made_at=NOW) for _ in range(2)]
    assert made[0] == made[1]
