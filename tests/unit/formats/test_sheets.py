"""Lists that go out and come in as CSV and as Excel workbook."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.formats import existing_register, pupil_list, workbooks
from apps.formats.sheets import to_csv, to_xlsx

HEADER = ["Legal forename", "Legal surname", "Date of birth", "Year group"]
ROWS = [["Zoë", "O'Brien", date(2015, 3, 14), 6], ["Łukasz", "Ng", date(2016, 12, 1), 5]]


def test_a_workbook_that_goes_out_comes_in_again() -> None:
    rows = pupil_list.read(to_xlsx("Pupils", HEADER, ROWS))
    assert [r.values["Legal forename"] for r in rows] == ["Zoë", "Łukasz"]
    assert rows[0].values["Date of birth"] == date(2015, 3, 14)
    assert not any(r.problems for r in rows)


def test_an_existing_register_comes_as_a_workbook() -> None:
    header = ["Forename", "Surname", "Primary need", "Support 1"]
    data = to_xlsx("SEN", header, [["Robin", "Ash", "SLCN", "Pictures first; Small group"]])
    (row,) = existing_register.read(data)
    assert row.values["Support"] == ["Pictures first", "Small group"]


@pytest.mark.parametrize("text", ["=1+1", "+44", "-2", "@SUM(A1)", "\tx", '=HYPERLINK("http://x")'])
def test_no_cell_of_text_is_a_formula(text: str) -> None:
    (_, row) = csv.reader(io.StringIO(to_csv(["a"], [[text]]).decode("utf-8-sig"), newline=""))
    assert row == [f"'{text}"]
    (_, line) = workbooks.lines(to_xlsx("x", ["a"], [[text]]))
    assert line == [text]


@given(st.lists(st.lists(st.text(max_size=20), min_size=1, max_size=4), max_size=5))
def test_any_text_is_written(rows: list[list[str]]) -> None:
    assert to_csv(["a"], rows).startswith(b"\xef\xbb\xbf")
    header = ["a", "b", "c", "d"]
    assert len(list(workbooks.lines(to_xlsx("List", header, rows)))) == len(rows) + 1


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(data: bytes) -> None:
    with pytest.raises(workbooks.BrokenFile):
        list(workbooks.lines(b"PK\x03\x04" + data))


@given(st.integers(0, 5000), st.binary(min_size=1, max_size=30))
def test_a_workbook_spoilt_anywhere_is_read_or_refused(place: int, spoilt: bytes) -> None:
    data = bytearray(to_xlsx("Pupils", HEADER, ROWS))
    data[place : place + len(spoilt)] = spoilt
    try:
        pupil_list.read(bytes(data))
    except workbooks.BrokenFile as refused:
        assert str(refused).endswith((".", "?"))
