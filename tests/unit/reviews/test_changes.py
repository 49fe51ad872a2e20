"""What became of each statement, and words marked: pure functions."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from apps.reviews.changes import details_in_words, marked, paired
from tests.unit.reviews.said import need, said


def kinds(before, after, between=()) -> list[tuple[str, str]]:
    return [(c.said.text, c.what) for c in paired(before, after, between)]


def test_what_stays_is_the_same_and_what_comes_and_goes_is_new_and_ended() -> None:
    stays, goes, comes = said("strength", "A"), said("support", "B"), said("support", "C", no=2)
    assert kinds([stays, goes], [stays, comes]) == [("A", "same"), ("B", "ended"), ("C", "new")]


def test_what_replaces_another_is_that_one_changed_through_what_came_between() -> None:
    first = said("support", "Weekly")
    second = said("support", "Twice a week", no=2, replaces=first)
    third = said("support", "Daily", no=3, replaces=second)
    (change,) = paired([first], [third], [second])
    assert (change.before, change.after, change.what) == (first, third, "changed")
    assert kinds([first], [third]) == [("Weekly", "ended"), ("Daily", "new")]


def test_a_need_is_its_area_s_whatever_it_replaces() -> None:
    mild, moderate, other = need(1, "Seen"), need(2, "Seen", no=2), need(1, area="learning", no=2)
    changes = paired([mild], [moderate, other])
    assert sorted(c.what for c in changes) == ["changed", "new"]


def words(pieces) -> list[tuple[str, bool]]:
    return [(p.words, p.marked) for p in pieces]


def test_whole_words_are_marked_on_the_side_that_has_them() -> None:
    left, right = marked("Follows one part of it.", "Follows two parts of it.")
    assert words(left) == [("Follows ", False), ("one part", True), (" of it.", False)]
    assert words(right) == [("Follows ", False), ("two parts", True), (" of it.", False)]


def test_what_one_side_lacks_is_marked_on_the_other_alone() -> None:
    left, right = marked("Sings.", "Sings. Builds bridges.")
    assert words(left) == [("Sings.", False)]
    assert words(right) == [("Sings.", False), (" Builds bridges.", True)]
    assert [words(side) for side in marked("", "New")] == [[], [("New", True)]]


@given(st.text(max_size=60), st.text(max_size=60))
def test_nothing_is_lost_or_added_by_marking(before: str, after: str) -> None:
    left, right = marked(before, after)
    assert "".join(p.words for p in left) == before
    assert "".join(p.words for p in right) == after
    both = [[p.words for p in side if not p.marked] for side in (left, right)]
    assert "".join("".join(both[0]).split()) == "".join("".join(both[1]).split())


def test_details_are_one_line_of_words() -> None:
    support = said("support", details={"how_often": "daily", "minutes": 10, "group_size": 1})
    assert details_in_words(support) == "daily, 10 minutes, one to one"
    outcome = said("outcome", details={"baseline": "one part", "by_when": "July"})
    assert details_in_words(outcome) == "Now: one part. By when: July"
    assert details_in_words(need(1, "Watches others")) == "Seen: Watches others"
    assert details_in_words(said("strength")) == ""
