"""A pupil list as CSV: documented columns, with the names that exports give them."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from apps.common.identifiers import parse_nhs_number, parse_uln, parse_upn
from apps.formats.problems import BrokenFile
from apps.formats.pupils import (
    MOST_CHARACTERS,
    MOST_ROWS,
    PupilRow,
    check_row,
    check_size,
    mark_twins,
    read_sex,
)
from apps.formats.values import read_date, read_year_group, read_yes_no


@dataclass(frozen=True)
class Column:
    """A column: its name, the other names that it goes by, what it is, how it is read."""

    name: str
    what: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    read: Callable[[str], Any] = str.strip


def _provision(text: str) -> str:
    plain = text.strip().upper()
    words = {"SEN SUPPORT": "K", "EHCP": "E", "EHC PLAN": "E", "NONE": "N", "NO SEN": "N"}
    code = words.get(plain, plain[:1])
    if code not in {"N", "K", "E"}:
        raise ValueError(f"{text.strip()!r} is not one of N, K or E.")
    return code


# What no line of a list reaches; looked for before anything is copied.
_LONG_LINE = re.compile(rb"[^\r\n]{100000}")

COLUMNS = (
    Column(
        "UPN",
        "Unique pupil number; empty if there is none yet",
        ("unique pupil number",),
        read=parse_upn,
    ),
    Column(
        "Legal forename",
        "Given names in law",
        ("forename", "first name", "given name", "legal first name", "forenames"),
        required=True,
    ),
    Column(
        "Legal surname",
        "Family name in law",
        ("surname", "last name", "family name", "legal family name"),
        required=True,
    ),
    Column(
        "Preferred forename",
        "Given name that everyone uses",
        ("known as", "chosen name", "preferred first name", "preferred name"),
    ),
    Column(
        "Preferred surname",
        "Family name that everyone uses",
        ("preferred last name", "chosen surname"),
    ),
    Column(
        "Date of birth",
        "Like 14/03/2015",
        ("dob", "birth date", "date of birth (dd/mm/yyyy)"),
        required=True,
        read=read_date,
    ),
    Column(
        "Year group",
        "Like 6, R or N2",
        ("year", "nc year", "ncy", "yr", "ncyearactual", "national curriculum year"),
        required=True,
        read=read_year_group,
    ),
    Column(
        "Class", "Class or form", ("form", "reg", "registration group", "reg group", "tutor group")
    ),
    Column("Sex", "F or M", ("gender", "legal sex"), read=read_sex),
    Column("Former UPN", "A UPN from before", ("formerupn", "previous upn"), read=parse_upn),
    Column("ULN", "Unique learner number", ("unique learner number",), read=parse_uln),
    Column("NHS number", "Ten digits", ("nhs", "nhs no"), read=parse_nhs_number),
    Column(
        "SEN provision",
        "N, K or E: noted, and puts nobody on the register",
        ("sen status", "sen", "sen code"),
        read=_provision,
    ),
    Column(
        "SEN need",
        "Primary type of need, like SLCN",
        ("sen need type", "primary need", "sen type", "primary sen type"),
    ),
    Column("Ethnicity", "Census code", ("ethnicity code", "ethnic code")),
    Column(
        "Free school meals",
        "Yes or no",
        ("fsm", "fsm eligible", "eligible for free meals"),
        read=read_yes_no,
    ),
    Column(
        "EAL",
        "English as an additional language: yes or no",
        ("english as an additional language",),
        read=read_yes_no,
    ),
    Column("First language", "", ("language", "home language")),
    Column(
        "Start date",
        "First day at the setting",
        ("entry date", "date of entry", "admission date", "date of admission"),
        read=read_date,
    ),
)


def template() -> str:
    """An empty file with every column, for people to fill in."""
    return ",".join(column.name for column in COLUMNS) + "\r\n"


def read(data: bytes) -> list[PupilRow]:
    """The rows of a pupil list, in order, each with its problems. Raises BrokenFile."""
    text = decode(data)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    rows = list(_rows(lines))
    mark_twins(rows)
    return rows


def decode(data: bytes) -> str:
    """The text of a file, whatever the usual exports wrote it in. Raises BrokenFile."""
    check_size(len(data.strip()))
    if data[:4] in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise BrokenFile("This looks like an Excel workbook. Save it as CSV and bring that.")
    if _LONG_LINE.search(data):
        raise BrokenFile("A line of this file is far too long for a list. Save it as CSV again.")
    if max(data.count(b"\n"), data.count(b"\r")) > 2 * MOST_ROWS:
        raise BrokenFile(f"This file has more than {MOST_ROWS:,} learners.")
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return _decoded(data, "utf-16")
    if b"\x00" in data:
        raise BrokenFile("This is not a text file. Save the list as CSV and bring that.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return _decoded(data, "cp1252")


def _decoded(data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise BrokenFile(
            "The letters of this file cannot be read. Save it as “CSV UTF-8” and bring it again."
        ) from None


def _delimiter(text: str) -> str:
    head = text.split("\n", 1)[0]
    return max(",;\t", key=head.count)


def _plain(name: str) -> str:
    return " ".join(name.strip().lower().replace("_", " ").split())


def _rows(lines: Iterator[list[str]]) -> Iterator[PupilRow]:
    try:
        header = next(lines)
    except (StopIteration, csv.Error):
        raise BrokenFile("This file has no header line.") from None
    places = _places(header)
    try:
        for number, cells in enumerate(lines, start=2):
            if number > MOST_ROWS + 1:
                raise BrokenFile(f"This file has more than {MOST_ROWS:,} rows.")
            if any(cell.strip() for cell in cells):
                yield _row(number, cells, places)
    except csv.Error as error:
        raise BrokenFile(f"This file cannot be read as CSV: {error}.") from None


def _places(header: list[str]) -> dict[str, int]:
    """Column name → where it stands, the first that fits. Raises BrokenFile for one missing."""
    found: dict[str, int] = {}
    for place, cell in enumerate(header):
        for column in COLUMNS:
            if _plain(cell) in {_plain(column.name), *column.synonyms}:
                found.setdefault(column.name, place)
    missing = [c for c in COLUMNS if c.required and c.name not in found]
    if missing:
        names = "; ".join(f"{c.name} (or {', '.join(c.synonyms[:3])})" for c in missing)
        raise BrokenFile(f"This file has no column for: {names}.")
    return found


def _row(number: int, cells: list[str], places: dict[str, int]) -> PupilRow:
    row = PupilRow(number)
    for column in COLUMNS:
        place = places.get(column.name)
        text = cells[place].strip() if place is not None and place < len(cells) else ""
        if not text:
            if column.required:
                row.refuse(column.name, text, f"{column.name} is missing. Fill it in.")
            continue
        if len(text) > MOST_CHARACTERS:
            row.refuse(column.name, text[:40], f"{column.name} is far too long.")
            continue
        try:
            row.values[column.name] = column.read(text)
        except ValueError as error:
            row.refuse(column.name, text, str(error))
    check_row(row)
    return row
