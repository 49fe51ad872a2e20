"""What a file is, by what is in it and never by what it is called.

PDF, PNG, JPEG, Word (DOCX), OpenDocument text and plain text; everything else is refused with a
sentence, and so is a file that is two things at once, has macros, or is not what its name says.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass

import puremagic

from apps.formats.problems import BrokenFile

MOST_BYTES = 10 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_PARTS = 2_000
HEAD = 4096
# Where a ZIP's own table of contents ends, and the longest comment that may follow it.
ZIP_ENDS, ZIP_TAIL = b"PK\x05\x06", 66_000
ENCRYPTED = 0x1
# What no keyboard types: control codes, letters of private use, halves of characters.
CODES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ue000-\uf8ff\ufffe\uffff]")
SURE = 0.35  # below this the guess rests on two or three letters, which a text may begin with


@dataclass(frozen=True)
class Form:
    """A form that a document may have."""

    name: str
    content_type: str
    endings: tuple[str, ...]


PDF = Form("PDF", "application/pdf", (".pdf",))
PNG = Form("PNG picture", "image/png", (".png",))
JPEG = Form("JPEG picture", "image/jpeg", (".jpg", ".jpeg"))
DOCX = Form(
    "Word document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    (".docx",),
)
ODT = Form("OpenDocument text", "application/vnd.oasis.opendocument.text", (".odt",))
TEXT = Form("Plain text", "text/plain", (".txt",))
FORMS = {form.content_type: form for form in (PDF, PNG, JPEG, DOCX, ODT, TEXT)}
ALLOWED = "Choose a PDF, a picture (PNG or JPEG), a Word or OpenDocument text, or plain text."


def form_of(data: bytes, name: str) -> Form:
    """The form of a file. Raises BrokenFile with a sentence for what is not kept."""
    if not data:
        raise BrokenFile("This file is empty.")
    if len(data) > MOST_BYTES:
        raise BrokenFile(f"This file is larger than {MOST_BYTES // 1024 // 1024} MB.")
    form = _by_content(data)
    if not name.lower().endswith(form.endings):
        raise BrokenFile(
            f"This file is called {ending(name)} and is {form.name}. Save it again as what it is."
        )
    return form


def ending(name: str) -> str:
    """The ending of a file's name, as a message names it."""
    stem, dot, last = name.rpartition(".")
    return f".{last[:10]}" if dot and stem else "nothing"


def _by_content(data: bytes) -> Form:
    guessed = _guessed(data)
    if data.startswith(b"PK\x03\x04"):
        return _office(data)
    if ZIP_ENDS in data[-ZIP_TAIL:]:
        raise BrokenFile(f"This file is also an archive. {ALLOWED}")
    if data.startswith(b"%PDF-") and b"%%EOF" in data[-HEAD:]:
        return PDF
    if "image/png" in guessed and data.endswith(b"IEND\xaeB`\x82"):
        return PNG
    if data.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in data:
        return JPEG
    if not guessed and _is_text(data):
        return TEXT
    raise BrokenFile(f"This is not a kind of file that is kept here. {ALLOWED}")


def _guessed(data: bytes) -> set[str]:
    """What the beginning looks like, by content type."""
    try:
        found = puremagic.magic_string(data[:HEAD])
    except puremagic.PureError:
        return set()
    return {match.mime_type or match.extension for match in found if match.confidence >= SURE}


def _office(data: bytes) -> Form:
    """Word or OpenDocument text: a ZIP that begins and ends as one, with nothing that runs."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as bundle:
            parts = bundle.infolist()
            first = bundle.read(parts[0]) if parts and parts[0].file_size < HEAD else b""
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, ValueError) as error:
        raise BrokenFile(f"This file is damaged, or locked with a password. {ALLOWED}") from error
    names = {part.filename for part in parts}
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise BrokenFile("This file unpacks to far more than a document is.")
    if any(part.flag_bits & ENCRYPTED for part in parts):
        raise BrokenFile("This file is locked with a password. Save it without one.")
    if any("vbaproject" in n.lower() or n.startswith(("Basic/", "Scripts/")) for n in names):
        raise BrokenFile("This file has macros in it. Save it without them, or as PDF.")
    if {"[Content_Types].xml", "word/document.xml"} <= names:
        return DOCX
    if parts and parts[0].filename == "mimetype" and first == ODT.content_type.encode():
        return ODT
    raise BrokenFile(f"This is an archive or a kind of document that is not kept here. {ALLOWED}")


def _is_text(data: bytes) -> bool:
    """Whether this is text that people write: no mark-up from its first letter on, no codes."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    if text.lstrip().startswith(("<", "{\\rtf", "#!", "%PDF", "%!")):
        return False
    return not CODES.search(text)
