"""The plain rules of the help before sign-off, one by one."""

from __future__ import annotations

from apps.common.models import new_id
from apps.reviews.models import Review, SetAside, Statement
from apps.reviews.quality import Looked, Point, points
from tests.unit.reviews.said import need, said, signed

YEAR = [signed(2, "autumn", kind="first"), signed(3, "spring"), signed(4, "summer")]


def looked(
    *standing: Statement,
    earlier: list[Statement] | None = None,
    reviews: list[Review] | None = None,
) -> list[Point]:
    return points(Looked(list(standing), earlier or [], reviews or [], above=2))


def rules(*standing: Statement, **values) -> list[str]:
    return [p.rule.value for p in looked(*standing, **values)]


def test_an_outcome_says_what_will_be_seen_and_by_when() -> None:
    whole = said("outcome", details={"target": "8 times of 10", "by_when": "July 2027"})
    assert rules(whole) == []
    (no_day,) = looked(said("outcome", "Follow two parts", details={"target": "8 of 10"}))
    assert no_day.sentence == "This outcome does not say by when: “Follow two parts”."
    (nothing,) = looked(said("outcome", "Be happier", details={"target": " "}))
    assert "what will be seen when it is met or by when" in nothing.sentence


def test_a_support_says_how_often_or_how_long() -> None:
    for part in ({"how_often": "daily"}, {"minutes": 20}, {"sessions_a_week": 3}):
        assert rules(said("support", details=part)) == []
    assert rules(said("support", details={"by_whom": "Mrs Day"})) == ["frequency"]


def test_evidence_of_three_reviewed_terms_is_asked_after() -> None:
    same = need(1, "Watches others", no=2)
    assert rules(same, reviews=YEAR) == ["evidence"]
    assert rules(same, reviews=YEAR[:2]) == []


def test_two_reviews_of_one_term_are_one_term_and_an_interim_review_is_none() -> None:
    reviews = [signed(2, "autumn", kind="first"), signed(3, "autumn"), signed(4, "spring")]
    assert rules(need(1, "Watches others", no=2), reviews=reviews) == []
    interim = [signed(n, term, kind="interim") for n, term in enumerate(["spring", "summer"], 3)]
    assert rules(need(1, "Watches others", no=2), reviews=[YEAR[0], *interim]) == []


def test_a_need_reworded_over_the_same_evidence_is_as_old_as_the_evidence() -> None:
    first = need(1, "Watches others", no=2, withdrawn_no=4)
    again = need(1, " watches  OTHERS ", no=4, replaces=first)
    assert rules(again, earlier=[first], reviews=YEAR) == ["evidence"]
    fresh = need(1, "Watches others", "Asks twice", no=4, replaces=first)
    assert rules(fresh, earlier=[first], reviews=YEAR) == []


def test_evidence_of_another_area_is_no_matter() -> None:
    other = need(1, "Watches others", area="learning", no=2, withdrawn_no=4)
    assert rules(need(1, "Watches others", no=4), earlier=[other], reviews=YEAR) == []


def test_a_level_moved_two_steps_rests_on_something_new() -> None:
    before = need(1, "Watches others", no=2)
    moved = need(3, "Watches others", no=5, replaces=before)
    (point,) = [p for p in looked(moved, reviews=YEAR) if p.rule == SetAside.Rule.JUMP]
    assert point.sentence == (
        "Communication moves 2 steps, from mild to intensive, with nothing new that was seen."
    )
    assert "jump" not in rules(need(3, "Left class twice", no=5, replaces=before), reviews=YEAR)
    assert "jump" not in rules(need(2, "Watches others", no=5, replaces=before), reviews=YEAR)
    down = need(0, no=5, replaces=need(2, "Watches others", no=2), details={})
    assert "jump" in rules(down, reviews=YEAR)


def test_a_move_that_was_signed_off_before_is_not_asked_about_again() -> None:
    before = need(1, "Watches others", no=2, withdrawn_no=4)
    assert "jump" not in rules(need(3, "Watches others", no=4, replaces=before), reviews=YEAR)


def test_a_need_above_mild_has_a_support_for_it() -> None:
    moderate, elsewhere = need(2, "Seen"), said("support", area="learning", details={"minutes": 5})
    assert rules(moderate) == ["no-support"]
    assert rules(moderate, elsewhere) == ["no-support"]
    assert rules(moderate, said("support", area="talking", details={"minutes": 5})) == []
    assert rules(need(1, "Seen")) == []


def test_a_support_that_names_no_area_may_be_for_any() -> None:
    assert rules(need(2, "Seen"), said("support", details={"minutes": 5})) == []


def test_a_point_that_was_set_aside_says_why_and_the_others_stay() -> None:
    one, two = said("support", "One"), said("support", "Two")
    aside = SetAside(rule="frequency", subject_id=one.id, reason="As needed")
    elsewhere = SetAside(rule="frequency", subject_id=new_id(), reason="Another")
    found = points(Looked([one, two], [], [], above=2), [aside, elsewhere])
    assert [(p.subject.text, p.aside) for p in found] == [("One", aside), ("Two", None)]


def test_no_sentence_scores_anybody() -> None:
    every = looked(need(2, "Seen", no=2), said("outcome", "Aim", details={}), reviews=YEAR)
    assert len(every) == 3
    assert not any(word in p.sentence for p in every for word in ("score", "%", "you did"))
