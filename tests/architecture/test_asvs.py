"""The table of ASVS 5.0 level 2 is whole and true to its data, and names files that there are."""

from __future__ import annotations

from collections import Counter

from tests import asvs

# Items of levels 1 and 2 in version 5.0.0.
ITEMS = {"1": 70, "2": 183}


def test_every_item_has_one_answer() -> None:
    rows = asvs.items()
    assert Counter(row["level"] for row in rows) == ITEMS
    assert len({row["item"] for row in rows}) == len(rows)
    assert {row["answer"] for row in rows} == set(asvs.ANSWERS)


def test_what_is_held_names_files_that_there_are() -> None:
    for row in asvs.items():
        paths = row["by"].split()
        assert paths or row["answer"] != "held", row["item"]
        assert [p for p in paths if not (asvs.ROOT / p).exists()] == [], row["item"]


def test_the_page_is_made_from_the_data() -> None:
    assert asvs.PAGE.read_text(encoding="utf-8") == asvs.page()
