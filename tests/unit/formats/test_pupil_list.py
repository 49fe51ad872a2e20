"""A pupil list is read as exports write it, and every problem says how to mend it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.formats import pupil_list, pupils
from apps.formats.problems import BrokenFile

HEAD = "UPN,Forename,Surname,DOB,Year\r\n"


def one(line: str, head: str = HEAD) -> pupils.PupilRow:
    (row,) = pupil_list.read((head + line).encode())
    return row


def test_an_export_with_its_own_names_is_read() -> None:
    row = one("B801200005001,Robin,Exampleson,14/03/2015,Year 6\r\n")
    assert row.values == {
        "UPN": "B801200005001",
        "Legal forename": "Robin",
        "Legal surname": "Exampleson",
        "Date of birth": date(2015, 3, 14),
        "Year group": 6,
    }
    assert row.problems == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_the_usual_encodings_are_read(encoding: str) -> None:
    text = HEAD + ",Zoë,Núñez,14/03/2015,R\r\n"
    (row,) = pupil_list.read(text.encode(encoding))
    assert row.values["Legal forename"] == "Zoë"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_usual_delimiters_are_read(delimiter: str) -> None:
    text = (HEAD + ",Robin,Exampleson,14/03/2015,6\r\n").replace(",", delimiter)
    assert pupil_list.read(text.encode())[0].values["Year group"] == 6


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("B801200005002,Robin,E,14/03/2015,6", "call for"),
        (",Robin,E,14/03/15,6", "four"),
        (",Robin,E,31/02/2015,6", "not a date"),
        (",Robin,E,14/03/2015,six", "not a year group"),
        (",,E,14/03/2015,6", "missing"),
        (",Robin,E,14/03/1915,6", "Check the date"),
    ],
)
def test_a_problem_says_what_to_do(line: str, says: str) -> None:
    row = one(line)
    assert row.broken
    assert says in " ".join(p.message for p in row.problems)


MORE = "Forename,Surname,DOB,Year,Preferred name,Ethnicity,First language\r\n"


@pytest.mark.parametrize(
    ("said", "kept"), [("WBRI", "WBRI"), ("mwas", "MWAS"), ("White British", None), ("Irish", None)]
)
def test_an_ethnicity_that_is_no_code_is_left_out_and_keeps_nobody_out(
    said: str, kept: str | None
) -> None:
    row = one(f"Robin,E,14/03/2015,6,,{said},\r\n", MORE)
    assert not row.broken
    assert row.values.get("Ethnicity") == kept
    assert [p.column for p in row.problems] == ([] if kept else ["Ethnicity"])
    assert kept or "four letters" in row.problems[0].message


def test_a_language_too_long_to_keep_is_left_out_and_keeps_nobody_out() -> None:
    row = one(f"Robin,E,14/03/2015,6,,,{'x' * 61}\r\n", MORE)
    assert not row.broken and "First language" not in row.values
    assert "60 characters" in row.problems[0].message


@pytest.mark.parametrize(
    ("line", "column", "says"),
    [
        (f"{'x' * 151},E,14/03/2015,6,Robin,,", "Legal forename", "over 150 characters"),
        (f"Robin,{'x' * 101},14/03/2015,6,,,", "Legal surname", "over 100 characters"),
        (f"Robin,E,14/03/2015,6,{'x' * 101},,", "Preferred forename", "over 100 characters"),
        (f"{'x' * 101},E,14/03/2015,6,,,", "Preferred forename", "that everyone uses"),
    ],
)
def test_a_name_too_long_to_keep_keeps_the_row_out_and_says_which(
    line: str, column: str, says: str
) -> None:
    row = one(line + "\r\n", MORE)
    assert row.broken
    assert [(p.column, says in p.message) for p in row.problems] == [(column, True)]


def test_a_long_legal_forename_is_kept_beside_the_one_that_everyone_uses() -> None:
    assert one(f"{'x' * 150},E,14/03/2015,6,Robin,,\r\n", MORE).problems == []


def test_one_upn_twice_is_a_problem_of_both_rows() -> None:
    line = "B801200005001,Robin,E,14/03/2015,6\r\n"
    rows = pupil_list.read((HEAD + line + line).encode())
    assert [r.broken for r in rows] == [True, True]
    assert "row 3" in rows[0].problems[0].message


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"PK\x03\x04rest", "damaged"),
        (b"\x00\x01\x02", "not a text file"),
        (b"UPN,Forename\r\n", "Legal surname"),
        (b"x" * (pupils.MOST_BYTES + 1), "20 MB"),
    ],
)
def test_a_broken_file_says_why(data: bytes, says: str) -> None:
    with pytest.raises(BrokenFile, match=says):
        pupil_list.read(data)


def test_the_template_can_be_filled_in() -> None:
    assert pupil_list.read(pupil_list.template().encode()) == []


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_with_a_sentence(data: bytes) -> None:
    try:
        rows = pupil_list.read(data)
    except BrokenFile as error:
        assert str(error).endswith(".") or str(error).endswith("?")
    else:
        assert isinstance(rows, list)


@given(st.lists(st.text(max_size=30), min_size=5, max_size=5))
def test_any_cells_are_values_or_problems(cells: list[str]) -> None:
    import csv
    import io

    out = io.StringIO()
    csv.writer(out).writerow(cells)
    try:
        for row in pupil_list.read((HEAD + out.getvalue()).encode("utf-8", "replace")):
            assert row.broken or row.values["Legal surname"]
    except BrokenFile as error:
        assert str(error)
