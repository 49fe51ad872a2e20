"""Lists as CSV or workbook: columns by the names of exports, and rows with their problems."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from apps.formats import workbooks
from apps.formats.problems import BrokenFile
from apps.formats.pupils import (
    MOST_CHARACTERS,
    MOST_ROWS,
    PupilRow,
    check_row,
    check_size,
    mark_twins,
)


@dataclass(frozen=True)
class Column:
    """A column: its name, the other names that it goes by, what it is, how it is read.

    Of one that repeats, every column of the file that fits is read, into a list.
    """

    name: str
    what: str
    synonyms: tuple[str, ...] = ()
    required: bool = False
    read: Callable[[str], Any] = str.strip
    repeats: bool = False


# What no line of a list reaches; looked for before anything is copied.
_LONG_LINE = re.compile(rb"[^\r\n]{100000}")


def template(columns: Sequence[Column]) -> str:
    """An empty file with every column, for people to fill in."""
    return ",".join(column.name for column in columns) + "\r\n"


def read(data: bytes, columns: Sequence[Column]) -> list[PupilRow]:
    """The rows of a list, in order, each with its problems. Raises BrokenFile."""
    rows = list(_rows(_lines(data), columns))
    mark_twins(rows)
    return rows


def _lines(data: bytes) -> Iterator[list[str]]:
    check_size(len(data.strip()))
    if workbooks.looks_like_workbook(data):
        return workbooks.lines(data)
    text = decode(data)
    return csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))


def decode(data: bytes) -> str:
    """The text of a file, whatever the usual exports wrote it in. Raises BrokenFile."""
    check_size(len(data.strip()))
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise BrokenFile("This is an old Excel workbook. Save it as .xlsx or CSV and bring that.")
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


def _rows(lines: Iterator[list[str]], columns: Sequence[Column]) -> Iterator[PupilRow]:
    try:
        header = next(lines)
    except (StopIteration, csv.Error):
        raise BrokenFile("This file has no header line.") from None
    places = _places(header, columns)
    try:
        for number, cells in enumerate(lines, start=2):
            if number > MOST_ROWS + 1:
                raise BrokenFile(f"This file has more than {MOST_ROWS:,} rows.")
            if any(cell.strip() for cell in cells):
                yield _row(number, cells, places, columns)
    except csv.Error as error:
        raise BrokenFile(f"This file cannot be read as CSV: {error}.") from None


def _places(header: list[str], columns: Sequence[Column]) -> dict[str, list[int]]:
    """Column name → where it stands: the first that fits, or all that do of one that repeats.

    A column that repeats may have a number behind its name. Raises BrokenFile for one missing.
    """
    found: dict[str, list[int]] = {}
    for place, cell in enumerate(header):
        for column in columns:
            name = _plain(cell)
            name = name.rstrip(" 0123456789") if column.repeats else name
            if name in {_plain(column.name), *column.synonyms}:
                there = found.setdefault(column.name, [])
                if column.repeats or not there:
                    there.append(place)
    missing = [c for c in columns if c.required and c.name not in found]
    if missing:
        names = "; ".join(f"{c.name} (or {', '.join(c.synonyms[:3])})" for c in missing)
        raise BrokenFile(f"This file has no column for: {names}.")
    return found


def _row(
    number: int, cells: list[str], places: dict[str, list[int]], columns: Sequence[Column]
) -> PupilRow:
    row = PupilRow(number)
    for column in columns:
        texts = [cells[p].strip() for p in places.get(column.name, []) if p < len(cells)]
        texts = [text for text in texts if text]
        if not texts:
            if column.required:
                row.refuse(column.name, "", f"{column.name} is missing. Fill it in.")
            continue
        if too_long := next((t for t in texts if len(t) > MOST_CHARACTERS), ""):
            row.refuse(column.name, too_long[:40], f"{column.name} is far too long.")
            continue
        try:
            read = [column.read(text) for text in texts]
        except ValueError as error:
            row.refuse(column.name, texts[0], str(error))
        else:
            row.values[column.name] = read if column.repeats else read[0]
    check_row(row)
    return row
