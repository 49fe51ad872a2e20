"""What changed, in sentences."""

from __future__ import annotations

from apps.reviews.changes import paired
from apps.reviews.models import Statement
from apps.reviews.sentences import Reader, changed
from tests.architecture.test_files import REFUSED_WORDS
from tests.unit.reviews.said import need, said

STAFF, FAMILY = Reader("Robin"), Reader("Robin", family=True)
OWN = Reader("Robin", family=True, own=True)


def told(before: list[Statement], after: list[Statement], reader: Reader = STAFF, **v) -> list[str]:
    return changed(paired(before, after), reader, **v)


def test_a_level_that_moved_says_more_or_less_support() -> None:
    mild, moderate = need(1, "Seen"), need(2, "More", no=2)
    assert told([mild], [moderate]) == [
        "Needs more support than last term with communication: moderate (was mild)."
    ]
    assert told([moderate], [mild]) == [
        "Needs less support than last term with communication: mild (was moderate)."
    ]
    assert told([mild], [moderate], since="in summer 2026") == [
        "Needs more support than in summer 2026 with communication: moderate (was mild)."
    ]


def test_a_family_reads_no_level_s_name_and_the_young_person_is_you() -> None:
    before, after = [need(1, "Seen")], [need(2, "More", no=2)]
    area = "talking, understanding and being with others"
    assert told(before, after, FAMILY) == [f"Robin needs more support than last term with {area}."]
    assert told(before, after, OWN) == [f"You need more support than last term with {area}."]


def test_the_same_level_on_other_evidence_is_described_anew() -> None:
    before, after = [need(1, "Seen")], [need(1, "Seen twice", no=2)]
    assert told(before, after) == [
        "Communication is described anew; the level stays the same, mild."
    ]
    assert "mild" not in told(before, after, FAMILY)[0]
    assert told(before, [need(1, "Seen", no=2)]) == []


def test_an_area_described_for_the_first_time_is_said_unless_it_is_universal() -> None:
    assert told([], [need(1, "Seen", no=2)]) == [
        "Communication is described for the first time: mild."
    ]
    assert told([], [need(0, no=2, details={})]) == []


def test_support_that_comes_changes_and_goes() -> None:
    weekly = said("support", "Language group.", details={"how_often": "weekly", "minutes": 20})
    daily = said(
        "support", "Language group.", no=2, replaces=weekly, details={"how_often": "daily"}
    )
    other = said("support", "Drums", no=2, replaces=weekly, details={})
    assert told([], [weekly]) == ["New support: “Language group”, weekly, 20 minutes."]
    assert told([weekly], []) == ["Support has ended: “Language group”."]
    assert told([weekly], [daily]) == [
        "Support has changed: “Language group”, now daily (was weekly, 20 minutes)."
    ]
    assert told([weekly], [other]) == ["Support has changed: “Drums” (was “Language group”)."]


def test_strengths_come_before_needs_and_what_was_achieved_last() -> None:
    sings, outcome = said("strength", "Sings", no=2), said("outcome", "Tell a story")
    after = [need(2, "More", no=2), sings, outcome]
    assert told([need(1, "Seen"), outcome], after, achieved=[outcome]) == [
        "New among what Robin can do: “Sings”.",
        "Needs more support than last term with communication: moderate (was mild).",
        "Achieved: “Tell a story”.",
    ]
    assert told([], [sings], OWN) == ["New among what you can do: “Sings”."]


def test_nothing_changed_is_no_sentence() -> None:
    same = [need(1, "Seen"), said("support"), said("outcome")]
    assert told(same, same) == []


def test_no_sentence_has_a_refused_word() -> None:
    kinds = ["strength", "aspiration", "harder", "support", "adaptation", "outcome"]
    before = [said(kind, "Old") for kind in kinds]
    after = [said(s.kind, "New", no=2, replaces=s) for s in before]
    every = [*told(before, after), *told(before, []), *told([], after), *told(before, after, OWN)]
    assert len(every) == 4 * len(kinds)
    assert not any(REFUSED_WORDS.search(sentence) for sentence in every)
