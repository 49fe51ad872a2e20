"""Lists that come as Excel workbooks: the cells of the first sheet, as a CSV would have them."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from apps.formats.problems import BrokenFile
from apps.formats.pupils import MOST_ROWS

_CODES = ("utf-8", "utf-16-le", "utf-16-be")
# What a list of the most rows comes to once it is unpacked, with room to spare.
MOST_UNPACKED = 24 * 1024 * 1024
MOST_PARTS = 200
MOST_COLUMNS = 100
CHUNK = 1024 * 1024
# What declares entities, which grow when they are read; no workbook of Excel's has any.
_DECLARED = [f"<!{word}".encode(code) for word in ("DOCTYPE", "ENTITY") for code in _CODES]


def looks_like_workbook(data: bytes) -> bool:
    """Whether a file begins as a workbook does since 2007."""
    return data[:4] == b"PK\x03\x04"


def lines(data: bytes) -> Iterator[list[str]]:
    """The lines of the first sheet, one more than a list may have. Raises BrokenFile."""
    _check_unpacked(data)
    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the sheet says of its own size may be wrong
        rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
        for row in rows:
            cells = [_text(cell) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            yield cells
    except (InvalidFileException, ParseError, KeyError, IndexError, ValueError, TypeError):
        raise BrokenFile(
            "This workbook cannot be read. Save the list as CSV and bring that."
        ) from None


def _check_unpacked(data: bytes) -> None:
    """Unpack it piece by piece before anything reads it: a small file can hold a huge one."""
    total = 0
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if len(packed.infolist()) > MOST_PARTS:
                raise BrokenFile("This workbook has too many parts for a list.")
            for part in packed.infolist():
                with packed.open(part) as opened:
                    total += _check_part(opened, MOST_UNPACKED - total)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError, OSError):
        raise BrokenFile(
            "This workbook is damaged or locked. Save the list as CSV and bring that."
        ) from None


def _check_part(opened: IO[bytes], room: int) -> int:
    """How large one part is unpacked. Raises BrokenFile past `room`, and for entities to expand."""
    size, end = 0, b""
    while chunk := opened.read(CHUNK):
        size += len(chunk)
        if size > room:
            raise BrokenFile("This workbook is far too large for a list.")
        if any(sign in end + chunk for sign in _DECLARED):
            raise BrokenFile("This workbook is not as Excel saves one. Bring the list as CSV.")
        end = chunk[-40:]
    return size


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return f"{cell:%d/%m/%Y}"
    return str(cell)
